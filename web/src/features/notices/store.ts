import { defineStore } from 'pinia'
import { computed, shallowRef } from 'vue'

import { answer, api } from '@/api/client'
import { toApiError, type ApiError } from '@/api/error'
import { useSessionStore } from '@/app/stores/session'
import { cityDay } from '@/lib/day'

import { noticesOf, type Notice, type Tasks } from './notices'

/** Most tasks that one answer has. */
const LIMIT = 200

/** What needs whoever is signed in, from what the server says of their session and of their tasks. */
export const useNoticesStore = defineStore('notices', () => {
  const session = useSessionStore()
  const tasks = shallowRef<Tasks | null>(null)
  const error = shallowRef<ApiError | null>(null)
  const today = shallowRef<string>(cityDay())
  /** Whose tasks those are: another account begins with none, and nobody keeps those that they may no longer see. */
  const owner = shallowRef<string | null>(null)

  const isOwn = computed(() => owner.value !== null && owner.value === session.user?.username && session.may('task.read'))
  const notices = computed<Notice[]>(() => noticesOf(session.first, isOwn.value ? tasks.value : null, today.value))
  /** How many things there are; tasks that nobody has taken count as one. */
  const count = computed(() => notices.value.length)

  /** Asks again. What was known stays when no answer comes. */
  async function load(): Promise<void> {
    const who = session.user?.username ?? null
    if (who === null || session.first !== null || !session.may('task.read')) return
    try {
      const [mine, open] = await Promise.all([
        answer(api.GET('/api/v1/tasks', { params: { query: { show: 'mine', limit: LIMIT } } })),
        answer(api.GET('/api/v1/tasks', { params: { query: { show: 'open', limit: LIMIT } } })),
      ])
      tasks.value = { mine: mine.tasks, open: open.tasks, more: (open.next ?? null) !== null }
      owner.value = who
      today.value = cityDay()
      error.value = null
    } catch (thrown) {
      error.value = toApiError(thrown)
    }
  }

  return { notices, count, error, load }
})
