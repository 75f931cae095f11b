import { expect, it } from 'vitest'

import type { TaskStateName } from '@/api/types'

import { actsOn, needsNote } from './acts'

it.each([
  ['open', null, ['take', 'note']],
  ['taken', 'wu', ['done', 'drop', 'release', 'note']],
  ['taken', 'li', ['note']],
  ['done', 'wu', ['reopen', 'note']],
  ['dropped', 'li', ['reopen', 'note']],
] as const)('offers for a task that is %s, by %s: %j', (state: TaskStateName, assignee, acts) => {
  expect(actsOn({ state, assignee }, 'wu')).toEqual(acts)
})

it('asks why only where the server does', () => {
  expect((['take', 'release', 'note', 'done', 'drop', 'reopen'] as const).filter(needsNote)).toEqual(['note', 'drop', 'reopen'])
})
