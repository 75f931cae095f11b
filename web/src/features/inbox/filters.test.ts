import { expect, it } from 'vitest'

import type { TaskItem } from '@/api/types'

import { filtered, type TaskFilters } from './filters'

const NONE: TaskFilters = { kind: '', period: '', due: '', state: '', who: '' }
const TODAY = '2024-03-01'

function task(task_id: number, different: Partial<TaskItem>): TaskItem {
  return {
    task_id,
    kind: 'quarantine',
    subject: '',
    role: 'data_steward',
    division: '4401',
    due_on: '2024-03-20',
    overdue: false,
    state: 'open',
    assignee: null,
    data: { period: '2024-01', dataset: 'vehicle', rows: 3 },
    version: 1,
    created_at: '2024-02-01T00:00:00Z',
    ...different,
  }
}

const tasks = [
  task(1, { due_on: '2024-02-20', overdue: true }),
  task(2, { due_on: '2024-03-01' }),
  task(3, { kind: 'link_review', data: { period: '2024-02', pairs: 1 } }),
  task(4, { state: 'done', assignee: 'wu' }),
  task(5, { state: 'dropped', assignee: 'li', data: null }),
]

it.each([
  [{}, [1, 2, 3, 4, 5]],
  [{ kind: 'link_review' }, [3]],
  [{ period: '2024-01' }, [1, 2, 4]],
  [{ due: 'overdue' }, [1]],
  [{ due: 'soon' }, [2]],
  [{ due: 'later' }, [3]],
  [{ state: 'dropped' }, [5]],
  [{ who: 'me' }, [4]],
  [{ who: 'li' }, [5]],
  [{ who: 'zhao' }, []],
  [{ kind: 'quarantine', due: 'later' }, []],
] as const)('%j leaves %j', (different, left) => {
  expect(filtered(tasks, { ...NONE, ...different }, TODAY, 'wu').map((each) => each.task_id)).toEqual(left)
})
