import { computed, type ComputedRef } from 'vue'
import { useRoute, useRouter, type LocationQueryRaw } from 'vue-router'

export interface QueryFilters<K extends string> {
  /** The filters as the address has them; an absent one is empty. */
  filters: ComputedRef<Record<K, string>>
  set: (patch: Partial<Record<K, string>>) => void
  clear: () => void
  /** Whether any filter is set. */
  active: ComputedRef<boolean>
}

/** Filters that live in the address, so that a link, the back key and a new sign-in bring them back. */
export function useQueryFilters<K extends string>(keys: readonly K[]): QueryFilters<K> {
  const route = useRoute()
  const router = useRouter()

  const filters = computed(() => {
    const values = {} as Record<K, string>
    for (const key of keys) {
      const value = route.query[key]
      values[key] = typeof value === 'string' ? value : ''
    }
    return values
  })

  function set(patch: Partial<Record<K, string>>): void {
    const query: LocationQueryRaw = { ...route.query }
    for (const key of keys) {
      const value = patch[key]
      if (value === undefined) continue
      if (value === '') delete query[key]
      else query[key] = value
    }
    void router.replace({ query })
  }

  return {
    filters,
    set,
    clear: () => {
      set(Object.fromEntries(keys.map((key) => [key, ''])) as Partial<Record<K, string>>)
    },
    active: computed(() => keys.some((key) => filters.value[key] !== '')),
  }
}
