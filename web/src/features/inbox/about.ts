import type { TaskItem } from '@/api/types'

/** What a task is about, as its kind brings it along. */
export type About =
  | { kind: 'quarantine'; period: string; dataset: string; rows: number }
  | { kind: 'link_review'; period: string; pairs: number }
  /** A kind that this console does not know. */
  | { kind: 'other' }

export function aboutOf(task: Pick<TaskItem, 'kind' | 'data'>): About {
  const { period, dataset, rows, pairs } = (typeof task.data === 'object' ? (task.data ?? {}) : {}) as Record<string, unknown>
  if (typeof period === 'string') {
    if (task.kind === 'quarantine' && typeof dataset === 'string' && typeof rows === 'number') return { kind: 'quarantine', period, dataset, rows }
    if (task.kind === 'link_review' && typeof pairs === 'number') return { kind: 'link_review', period, pairs }
  }
  return { kind: 'other' }
}
