import { expect, it } from 'vitest'

import { aboutOf } from './about'

it('reads what a kind brings along', () => {
  const quarantine = { period: '2024-01', dataset: 'vehicle', rows: 3 }
  expect(aboutOf({ kind: 'quarantine', data: quarantine })).toEqual({ kind: 'quarantine', ...quarantine })
  expect(aboutOf({ kind: 'link_review', data: { period: '2024-01', pairs: 2 } })).toEqual({ kind: 'link_review', period: '2024-01', pairs: 2 })
})

it.each([
  ['quarantine', null],
  ['quarantine', { period: '2024-01', dataset: 'vehicle' }],
  ['link_review', 'text'],
  ['later_kind', { period: '2024-01', rows: 1, dataset: 'vehicle' }],
])('does not guess: %s with %j', (kind, data) => {
  expect(aboutOf({ kind, data })).toEqual({ kind: 'other' })
})
