import { defineStore } from 'pinia'
import { watch } from 'vue'

import { randomKey } from '@/lib/random-key'

import { useSessionStore } from './session'

/**
 * What was searched for, each text under the key that an entry of the browser's history has. Such a text may be somebody's name
 * or number: it is kept in memory alone, and not beyond the session of whoever has typed it.
 */
export const useSearchesStore = defineStore('searches', () => {
  const texts = new Map<string, string>()
  const session = useSessionStore()
  watch(
    () => session.user?.username,
    () => {
      texts.clear()
    },
    { flush: 'sync' },
  )

  /** Keeps a text under a key, or under a new one, which it returns. */
  function keep(text: string, key: string = randomKey()): string {
    texts.set(key, text)
    return key
  }

  return { keep, of: (key: string): string | undefined => texts.get(key) }
})
