import type { Affiliated, PurposeName, Session } from '@/api/types'

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

/** Somebody in the portal, themselves; tests say what is different. */
export function affiliated(different: Partial<Affiliated> = {}): Affiliated {
  return { person_id: 'p1', name: '王芳', standing: 'self', until: null, ...different }
}
