import type { TaskItem } from '@/api/types'

import { aboutOf } from './about'
import { dueOf } from './due'

/** What tasks are looked for by, as the address has it; an empty one leaves all in. */
export interface TaskFilters {
  kind: string
  period: string
  due: string
  state: string
  who: string
}

export const DUES = ['overdue', 'soon', 'later'] as const
type DueChoice = (typeof DUES)[number]

function dueChoice(task: TaskItem, today: string): DueChoice | null {
  const { kind } = dueOf(task, today)
  if (kind === 'closed') return null
  return kind === 'today' ? 'soon' : kind
}

/** The month that a task is about; empty if it is about none. */
export function periodOf(task: TaskItem): string {
  const about = aboutOf(task)
  return about.kind === 'other' ? '' : about.period
}

/** Those that the filters leave, in their order. `me` is whose username the word `me` stands for. */
export function filtered(tasks: readonly TaskItem[], filters: TaskFilters, today: string, me: string): TaskItem[] {
  return tasks.filter(
    (task) =>
      (filters.kind === '' || task.kind === filters.kind) &&
      (filters.period === '' || periodOf(task) === filters.period) &&
      (filters.due === '' || dueChoice(task, today) === filters.due) &&
      (filters.state === '' || task.state === filters.state) &&
      (filters.who === '' || task.assignee === (filters.who === 'me' ? me : filters.who)),
  )
}
