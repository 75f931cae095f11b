import { answer, api } from '@/api/client'
import type { Inbox, TaskItem } from '@/api/types'

/** Most tasks that one answer has. */
const LIMIT = 200
/** So many are read at most: the browser filters them, because the server does not. */
export const MOST = 1000

export interface ReadTasks {
  tasks: TaskItem[]
  /** Whether these are all; else those that are due first, or were closed last. */
  complete: boolean
}

/** The tasks of one's inbox, page after page, in the order of the server; those of one division alone if it is not empty. */
export async function readTasks(show: Inbox, division: string, signal: AbortSignal): Promise<ReadTasks> {
  const tasks: TaskItem[] = []
  let cursor: string | undefined
  do {
    const page = await answer(api.GET('/api/v1/tasks', { params: { query: { show, division: division || undefined, limit: LIMIT, cursor } }, signal }))
    tasks.push(...page.tasks)
    cursor = page.next ?? undefined
  } while (cursor !== undefined && tasks.length < MOST)
  return { tasks, complete: cursor === undefined }
}
