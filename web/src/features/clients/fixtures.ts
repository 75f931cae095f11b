import type { Agreement, ApiClient, ClientFile, ClientKey } from '@/api/types'

/** A program in use; tests say what is different. */
export function client(different: Partial<ApiClient> = {}): ApiClient {
  return { client_id: 'bus', name: '公交优待', organisation: 'edu', made_by: 'security', made_at: '2026-11-27T00:00:00Z', ended_at: null, ...different }
}

/** A key that counts. */
export function key(different: Partial<ClientKey> = {}): ClientKey {
  return {
    key_id: '0a1b2c3d4e5f60718293a4b5',
    public_key: 'MCowBQYDK2VwAyEAqwertyuiopasdfghjklzxcvbnm012345=',
    made_by: 'security',
    made_at: '2026-11-27T01:00:00Z',
    until: '2027-11-27T16:00:00Z',
    revoked_at: null,
    counts: true,
    ...different,
  }
}

/** An agreement in force. */
export function agreement(different: Partial<Agreement> = {}): Agreement {
  return {
    agreement_id: 'a1',
    policy: 'longevity-allowance',
    basis: '老年人权益保障法第五十八条',
    made_by: 'security',
    made_at: '2026-11-27T02:00:00Z',
    until: '2027-06-30T16:00:00Z',
    ended_at: null,
    in_force: true,
    ...different,
  }
}

/** A program with one of each. */
export function clientFile(different: Partial<ClientFile> = {}): ClientFile {
  return { client: client(), keys: [key()], agreements: [agreement()], ...different }
}
