import type { FirstStep, TaskItem } from '@/api/types'
import { dueOf } from '@/features/inbox/due'

/** Something that needs whoever is signed in. */
export type Notice =
  | { kind: 'first'; step: FirstStep }
  /** A task of one's own. */
  | { kind: 'task'; task: TaskItem }
  /** Tasks that are over their day and that nobody has taken. `more`: there are still others. */
  | { kind: 'waiting'; count: number; more: boolean }

/** What the server said of the tasks. */
export interface Tasks {
  mine: readonly TaskItem[]
  open: readonly TaskItem[]
  /** Whether there are open tasks that were not read; they are due later than those that were. */
  more: boolean
}

/** What needs attention, the most urgent first. While something has to be done first, nothing else can be. */
export function noticesOf(first: FirstStep | null, tasks: Tasks | null, today: string): Notice[] {
  if (first) return [{ kind: 'first', step: first }]
  if (!tasks) return []
  // The server gives them by their day.
  const own = tasks.mine.filter((task) => dueOf(task, today).kind !== 'later').map((task) => ({ kind: 'task' as const, task }))
  const count = tasks.open.filter((task) => task.overdue).length
  return count === 0 ? own : [...own, { kind: 'waiting', count, more: tasks.more && count === tasks.open.length }]
}
