import { computed, shallowRef, watch, type ComputedRef, type Ref } from 'vue'

import { useResource, type Resource } from './useResource'

/** What every page of a list has. */
export interface Page {
  next?: string | null
  total?: number | null
}

/** What leads from page to page. */
export interface Pages {
  data: Readonly<Ref<Page | null>>
  /** Number of the page that is shown, from 1. */
  pageNumber: ComputedRef<number>
  hasPrevious: ComputedRef<boolean>
  hasNext: ComputedRef<boolean>
  previous: () => void
  next: () => void
}

export type PagedList<P extends Page> = Resource<P> & Pages

/**
 * A list that is read page by page with cursors. New filters begin at the first page again.
 * Cursors only lead forward, so those of the pages that were passed are remembered for the way back.
 */
export function usePagedList<F, P extends Page>(
  filters: () => F | null,
  load: (filters: F, cursor: string | undefined, signal: AbortSignal) => Promise<P>,
): PagedList<P> {
  const cursors = shallowRef<readonly string[]>([])

  // Runs before the resource's own watcher, so that a change of filters is one call and not two.
  watch(
    () => JSON.stringify(filters()),
    () => {
      cursors.value = []
    },
    { flush: 'sync' },
  )

  const resource = useResource(
    () => {
      const wanted = filters()
      return wanted === null ? null : { filters: wanted, cursor: cursors.value.at(-1) }
    },
    (key, signal) => load(key.filters, key.cursor, signal),
    { keepPrevious: true },
  )

  const nextCursor = computed(() => resource.data.value?.next ?? null)

  return {
    ...resource,
    pageNumber: computed(() => cursors.value.length + 1),
    hasPrevious: computed(() => cursors.value.length > 0),
    hasNext: computed(() => nextCursor.value !== null),
    previous: () => {
      cursors.value = cursors.value.slice(0, -1)
    },
    next: () => {
      if (nextCursor.value !== null && !resource.loading.value) cursors.value = [...cursors.value, nextCursor.value]
    },
  }
}
