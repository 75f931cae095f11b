import { ref, watch, type Ref } from 'vue'
import { useRoute, type HistoryState } from 'vue-router'

import { useSearchesStore } from '@/app/stores/searches'

const FIELD = 'search'

/** The key that the present entry of the browser's history has. */
function keyOfEntry(): string | undefined {
  const state: unknown = window.history.state
  if (typeof state !== 'object' || state === null || !(FIELD in state)) return undefined
  return typeof state[FIELD] === 'string' ? state[FIELD] : undefined
}

/**
 * A search that another page is to begin with: the state of the entry of the history that leads there. It holds the key of the text,
 * never the text itself.
 */
export function entrySearch(text: string): HistoryState {
  return { [FIELD]: useSearchesStore().keep(text) }
}

/**
 * A search text that must not stand in the address. Back and forward bring it back as they bring filters back, because each entry
 * of the browser's history has the key of its own text; when the page is loaded anew, it is gone.
 */
export function useEntrySearch(): { text: Readonly<Ref<string>>; set: (text: string) => void } {
  const route = useRoute()
  const searches = useSearchesStore()
  const page = route.path

  function known(): string | undefined {
    const key = keyOfEntry()
    return key === undefined ? undefined : searches.of(key)
  }

  const text = ref(known() ?? '')

  function set(wanted: string): void {
    text.value = wanted
    const old = keyOfEntry()
    const key = searches.keep(wanted, old)
    // The router's own state stays.
    if (key !== old) window.history.replaceState({ ...(window.history.state as object | null), [FIELD]: key }, '')
  }

  set(text.value)
  watch(
    () => route.fullPath,
    () => {
      // Another entry: an older one with its text, or a new one of the same page, to which the text goes along.
      if (route.path === page) set(known() ?? text.value)
    },
    { flush: 'sync' },
  )

  return { text, set }
}
