import { useI18n } from 'vue-i18n'

import type { TaskItem } from '@/api/types'
import { useSessionStore } from '@/app/stores/session'
import { useFormat } from '@/composables/useFormat'
import { useMeta } from '@/composables/useMeta'

import { aboutOf } from './about'

/** The words for a task. */
export function useTaskText() {
  const { t } = useI18n()
  const format = useFormat()
  const meta = useMeta()
  const session = useSessionStore()

  function datasetName(id: string): string {
    return format.text(meta.datasets.find((each) => each.id === id)?.name) || id
  }

  /** What is to be done, in one line. */
  function title(task: TaskItem): string {
    const about = aboutOf(task)
    switch (about.kind) {
      case 'quarantine':
        return t(
          'inbox.what.quarantine',
          { rows: format.number(about.rows), dataset: datasetName(about.dataset), period: format.period(about.period) },
          about.rows,
        )
      case 'link_review':
        return t('inbox.what.link_review', { pairs: format.number(about.pairs), period: format.period(about.period) }, about.pairs)
      case 'other':
        return t('inbox.what.other', { kind: task.kind, subject: task.subject })
    }
  }

  /** Who has it. */
  function assignee(task: TaskItem): string {
    if (!task.assignee) return '—'
    const name = task.assignee_name || task.assignee
    return task.assignee === session.user?.username ? t('inbox.self', { name }) : name
  }

  function closedAt(task: TaskItem): string {
    return task.closed_at ? format.instant(task.closed_at) : '—'
  }

  return { title, assignee, closedAt, division: (task: TaskItem) => format.text(task.division_name) || task.division }
}
