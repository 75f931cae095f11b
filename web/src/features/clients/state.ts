import type { Agreement, ApiClient, ClientKey } from '@/api/types'
import type { Tone } from '@/components/tone'

/** How a key or an agreement of a program stands. */
export type State = 'in_force' | 'withdrawn' | 'expired' | 'client_ended'

export const TONES: Record<State, Tone> = { in_force: 'ok', withdrawn: 'muted', expired: 'muted', client_ended: 'muted' }

/** Whether something counts by itself, the server says; of a program that has ended nothing does. */
function stateOf(client: ApiClient, counts: boolean, withdrawn: boolean): State {
  if (withdrawn) return 'withdrawn'
  if (!counts) return 'expired'
  return client.ended_at ? 'client_ended' : 'in_force'
}

export function keyState(client: ApiClient, key: ClientKey): State {
  return stateOf(client, key.counts, Boolean(key.revoked_at))
}

export function agreementState(client: ApiClient, agreement: Agreement): State {
  return stateOf(client, agreement.in_force, Boolean(agreement.ended_at))
}
