import { computed, shallowRef, watch, type ComputedRef } from 'vue'

import type { Pages } from './usePagedList'

export interface CutList<T> extends Pages {
  /** What is on the page. */
  shown: ComputedRef<T[]>
}

/** A list that is here as a whole, shown page by page. Other rows begin at the first page again. */
export function useCutList<T>(rows: () => readonly T[], size: number): CutList<T> {
  const page = shallowRef<number>(0)
  const last = computed(() => Math.max(0, Math.ceil(rows().length / size) - 1))
  watch(rows, () => {
    page.value = 0
  })

  return {
    shown: computed(() => rows().slice(page.value * size, (page.value + 1) * size)),
    data: computed(() => ({ total: rows().length })),
    pageNumber: computed(() => page.value + 1),
    hasPrevious: computed(() => page.value > 0),
    hasNext: computed(() => page.value < last.value),
    previous: () => {
      page.value = Math.max(0, page.value - 1)
    },
    next: () => {
      page.value = Math.min(last.value, page.value + 1)
    },
  }
}
