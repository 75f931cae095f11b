import { answer, api } from '@/api/client'
import { ApiError } from '@/api/error'
import type { TaskActName, TaskItem } from '@/api/types'

/** Codes that say that the task is no longer as it was read. */
const OVERTAKEN: readonly string[] = ['CHANGED', 'TASK-STATE', 'TASK-TAKEN']

/** Does something with a task as it was read. Returns null, or why not if somebody else was faster. */
export async function actOnTask(task: TaskItem, act: TaskActName, note: string): Promise<ApiError | null> {
  try {
    await answer(
      api.POST('/api/v1/tasks/{task_id}/acts', {
        // The version is the entity tag.
        params: { path: { task_id: task.task_id }, header: { 'if-match': `"${String(task.version)}"` } },
        body: { act, note },
      }),
    )
    return null
  } catch (thrown) {
    if (thrown instanceof ApiError && OVERTAKEN.includes(thrown.code)) return thrown
    throw thrown
  }
}
