import { expect, it } from 'vitest'

import type { Grant } from '@/api/types'

import { stateOf } from './grant-state'

const now = Date.parse('2024-10-06T00:00:00Z')

function grant(different: Partial<Grant>): Grant {
  return {
    grant_id: 'g1',
    purpose: 'casework',
    from: '2024-01-01T00:00:00Z',
    until: '2025-01-01T00:00:00Z',
    reason: 'cases',
    granted_by: 'security',
    revoked_at: null,
    in_force: false,
    ...different,
  }
}

it.each([
  ['in_force', { in_force: true }],
  ['revoked', { revoked_at: '2024-05-01T00:00:00Z' }],
  ['not_begun', { from: '2024-11-01T00:00:00Z' }],
  ['ended', { until: '2024-06-01T00:00:00Z' }],
] as const)('is %s', (state, different) => {
  expect(stateOf(grant(different), now)).toBe(state)
})
