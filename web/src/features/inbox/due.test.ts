import { expect, it } from 'vitest'

import { dueOf } from './due'

const TODAY = '2024-03-01'

it.each([
  ['2024-02-28', true, { kind: 'overdue', days: 2 }],
  // The clock of this computer is behind.
  ['2024-03-02', true, { kind: 'overdue', days: 1 }],
  ['2024-03-01', false, { kind: 'today' }],
  // The clock of this computer is ahead.
  ['2024-02-28', false, { kind: 'today' }],
  ['2024-03-04', false, { kind: 'soon', days: 3 }],
  ['2024-03-05', false, { kind: 'later' }],
] as const)('a task for %s that is overdue: %s', (due_on, overdue, due) => {
  expect(dueOf({ due_on, overdue, state: 'taken' }, TODAY)).toEqual(due)
})

it('a closed task is due no more', () => {
  expect(dueOf({ due_on: '2024-02-01', overdue: false, state: 'done' }, TODAY)).toEqual({ kind: 'closed' })
})
