import { expect, it } from 'vitest'

import type { TaskItem } from '@/api/types'

import { noticesOf } from './notices'

const TODAY = '2024-03-01'

function task(task_id: number, due_on: string, overdue = false): TaskItem {
  return {
    task_id,
    kind: 'quarantine',
    subject: `delivery:${String(task_id)}`,
    role: 'data_steward',
    division: '4401',
    division_name: null,
    due_on,
    overdue,
    state: 'taken',
    assignee: 'wu',
    data: {},
    version: 1,
    created_at: '2024-02-01T00:00:00Z',
  }
}

it('tells of own tasks that are over their day or soon will be, and of no later ones', () => {
  const mine = [task(1, '2024-02-27', true), task(2, '2024-03-01'), task(3, '2024-03-04'), task(4, '2024-03-05')]
  const notices = noticesOf(null, { mine, open: [], more: false }, TODAY)
  expect(notices.map((notice) => (notice.kind === 'task' ? notice.task.task_id : notice.kind))).toEqual([1, 2, 3])
})

it('tells of tasks that nobody has taken once they are over their day, all in one', () => {
  const open = [task(1, '2024-02-27', true), task(2, '2024-02-28', true), task(3, '2024-03-01')]
  expect(noticesOf(null, { mine: [], open, more: true }, TODAY)).toEqual([{ kind: 'waiting', count: 2, more: false }])
  expect(noticesOf(null, { mine: [], open: open.slice(0, 2), more: true }, TODAY)).toEqual([{ kind: 'waiting', count: 2, more: true }])
  expect(noticesOf(null, { mine: [], open: open.slice(2), more: true }, TODAY)).toEqual([])
})

it('tells of nothing else while something has to be done first', () => {
  const tasks = { mine: [task(1, '2024-02-27', true)], open: [], more: false }
  expect(noticesOf('change_password', tasks, TODAY)).toEqual([{ kind: 'first', step: 'change_password' }])
})

it('tells of no tasks before the server did', () => {
  expect(noticesOf(null, null, TODAY)).toEqual([])
})
