import type { TaskActName, TaskItem } from '@/api/types'

/** What may be done with a task in its state, the likeliest first; a task that is taken is closed or given back by whoever has it. */
export function actsOn(task: Pick<TaskItem, 'state' | 'assignee'>, username: string): TaskActName[] {
  switch (task.state) {
    case 'open':
      return ['take', 'note']
    case 'taken':
      return task.assignee === username ? ['done', 'drop', 'release', 'note'] : ['note']
    case 'done':
    case 'dropped':
      return ['reopen', 'note']
  }
}

/** Whether it has to say why. */
export function needsNote(act: TaskActName): boolean {
  return act === 'note' || act === 'drop' || act === 'reopen'
}
