import { computed, shallowRef, type ComputedRef, type ShallowRef } from 'vue'

import { useResource, type Resource } from './useResource'

export interface Part<T> {
  items: readonly T[]
  next: string | null
}

export interface GrowingList<T> extends Pick<Resource<Part<T>>, 'error' | 'loading' | 'retry'> {
  /** What was loaded so far. */
  items: ShallowRef<readonly T[]>
  hasMore: ComputedRef<boolean>
  more: () => void
}

/** A list that is read on and on with cursors, for telephones: what was loaded stays, also when loading more fails. */
export function useGrowingList<T>(load: (cursor: string | undefined, signal: AbortSignal) => Promise<Part<T>>): GrowingList<T> {
  const items = shallowRef<readonly T[]>([])
  const cursor = shallowRef<string | undefined>(undefined)

  const part = useResource(
    () => ({ cursor: cursor.value }),
    async (key, signal) => {
      const loaded = await load(key.cursor, signal)
      if (!signal.aborted) items.value = [...items.value, ...loaded.items]
      return loaded
    },
    { keepPrevious: true },
  )
  const next = computed(() => part.data.value?.next ?? null)

  return {
    error: part.error,
    loading: part.loading,
    retry: part.retry,
    items,
    hasMore: computed(() => next.value !== null),
    more: () => {
      if (next.value !== null && !part.loading.value) cursor.value = next.value
    },
  }
}
