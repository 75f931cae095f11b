import type { PurposeName, RoleName } from '@/api/types'

/** Acts that the console asks leave for, as the server's policies name them. */
export type Action =
  | 'meta.read'
  | 'overview.read'
  | 'task.read'
  | 'task.work'
  | 'person.search'
  | 'person.read'
  | 'person.reveal'
  | 'decision.explain'
  | 'representation.read'
  | 'representation.change'
  | 'list.read'
  | 'list.export'
  | 'batch.read'
  | 'quarantine.read'
  | 'quarantine.export'
  | 'organisation.read'
  | 'organisation.create'
  | 'user.read'
  | 'user.create'
  | 'user.change'
  | 'grant.read'
  | 'grant.create'
  | 'grant.revoke'
  | 'client.read'
  | 'client.create'
  | 'client.change'
  | 'trail.read'

/** All purposes, in the order of the work. */
export const PURPOSES = ['casework', 'policy_work', 'payment', 'data_quality', 'supervision'] as const satisfies readonly PurposeName[]

/** All roles; the three administrators last. */
export const ROLES = [
  'case_worker',
  'policy_officer',
  'data_steward',
  'finance_officer',
  'auditor',
  'system_admin',
  'security_admin',
  'audit_admin',
] as const satisfies readonly RoleName[]

/** The three administrators share no power: an account has one of these roles alone. */
export function isAdministrator(role: RoleName): boolean {
  return role === 'system_admin' || role === 'security_admin' || role === 'audit_admin'
}

/**
 * Whom each place of the console is for. Only for the words to those who may not see it: what may be done, the
 * server's policies say, and the session brings it along.
 */
const MEANT_FOR: Partial<Record<Action, readonly RoleName[]>> = {
  'overview.read': ['case_worker', 'policy_officer', 'data_steward', 'finance_officer', 'auditor'],
  'task.read': ['case_worker', 'policy_officer', 'data_steward', 'finance_officer', 'auditor'],
  'person.search': ['case_worker', 'policy_officer', 'data_steward', 'auditor'],
  'person.read': ['case_worker', 'policy_officer', 'data_steward', 'auditor'],
  'quarantine.read': ['data_steward', 'auditor'],
  'list.read': ['case_worker', 'policy_officer', 'finance_officer', 'auditor'],
  'batch.read': ['policy_officer', 'finance_officer', 'auditor'],
  'user.read': ['security_admin', 'auditor', 'audit_admin'],
  'organisation.read': ['security_admin', 'auditor', 'audit_admin'],
  'client.read': ['security_admin', 'auditor', 'audit_admin'],
  'trail.read': ['auditor', 'audit_admin'],
}

/** What each role looks at persons for. */
const PURPOSE_OF: Partial<Record<RoleName, PurposeName>> = {
  case_worker: 'casework',
  policy_officer: 'policy_work',
  data_steward: 'data_quality',
  finance_officer: 'payment',
  auditor: 'supervision',
}

/** Acts that need no purpose, because they show no person. */
const WITHOUT_PURPOSE: readonly Action[] = ['overview.read', 'task.read', 'user.read', 'organisation.read', 'client.read', 'trail.read']

/** What somebody lacks who may not do something. */
export type Lack =
  | { kind: 'role'; needed: readonly RoleName[] }
  | { kind: 'purpose'; needed: readonly PurposeName[] }
  /** Role and purpose are right, but the place shows the whole city and they work in a part of it. */
  | { kind: 'reach' }

export function lackOf(action: Action, roles: readonly RoleName[], granted: readonly PurposeName[]): Lack {
  const needed = MEANT_FOR[action] ?? []
  const held = needed.filter((role) => roles.includes(role))
  if (held.length === 0) return { kind: 'role', needed }
  if (WITHOUT_PURPOSE.includes(action)) return { kind: 'reach' }
  const purposes = held.map((role) => PURPOSE_OF[role]).filter((purpose) => purpose !== undefined)
  return purposes.some((purpose) => granted.includes(purpose)) ? { kind: 'reach' } : { kind: 'purpose', needed: purposes }
}
