import type { OrganisationKind } from '@/api/types'

/** What organisations do. */
export const ORGANISATION_KINDS = ['civil_affairs', 'department', 'charity', 'audit'] as const satisfies readonly OrganisationKind[]
