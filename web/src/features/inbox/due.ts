import type { TaskItem } from '@/api/types'
import { daysUntil } from '@/lib/day'

/** Within so many days a task is said to be due soon. */
export const SOON_DAYS = 3

/** How a task stands to its day. `days` is how far away that is. */
export type Due = { kind: 'overdue' | 'soon'; days: number } | { kind: 'today' | 'later' | 'closed' }

/** The server says what is overdue; a clock that goes wrong here does not change that. */
export function dueOf({ due_on, overdue, state }: Pick<TaskItem, 'due_on' | 'overdue' | 'state'>, today: string): Due {
  if (state === 'done' || state === 'dropped') return { kind: 'closed' }
  const days = daysUntil(due_on, today)
  if (overdue) return { kind: 'overdue', days: Math.max(1, -days) }
  if (days <= 0) return { kind: 'today' }
  return days <= SOON_DAYS ? { kind: 'soon', days } : { kind: 'later' }
}
