import type { PurposeName, Session } from '@/api/types'

/** A session; tests say what is different. */
export function session(different: Partial<Session> = {}): Session {
  return {
    user: { username: 'wu', display_name: '吴', roles: ['case_worker'], organisation: null },
    powers: [powers(null, 'meta.read', 'overview.read')],
    second_factor: false,
    first: null,
    ...different,
  }
}

/** What may be done for a purpose. */
export function powers(purpose: PurposeName | null, ...actions: string[]): Session['powers'][number] {
  return { purpose, actions }
}
