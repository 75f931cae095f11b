import { expect, it } from 'vitest'

import { agreement, client, key } from './fixtures'
import { agreementState, keyState } from './state'

const ended = client({ ended_at: '2026-12-01T00:00:00Z' })

it.each([
  ['in_force', client(), {}],
  ['withdrawn', client(), { revoked_at: '2026-11-28T00:00:00Z', counts: false }],
  ['expired', client(), { counts: false }],
  ['client_ended', ended, {}],
  ['withdrawn', ended, { revoked_at: '2026-11-28T00:00:00Z', counts: false }],
  ['expired', ended, { counts: false }],
] as const)('says that a key is %s', (state, of, different) => {
  expect(keyState(of, key(different))).toBe(state)
})

it.each([
  ['in_force', client(), {}],
  ['withdrawn', client(), { ended_at: '2026-11-28T00:00:00Z', in_force: false }],
  ['expired', client(), { in_force: false }],
  ['client_ended', ended, {}],
] as const)('says that an agreement is %s', (state, of, different) => {
  expect(agreementState(of, agreement(different))).toBe(state)
})
