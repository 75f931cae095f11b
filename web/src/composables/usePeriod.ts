import { computed, type ComputedRef } from 'vue'
import { useRoute, useRouter } from 'vue-router'

import { useMetaStore } from '@/app/stores/meta'

/** The period that the console shows: the address says it, else it is the newest. Null if nothing was published yet. */
export function usePeriod(): { period: ComputedRef<string | null>; periods: ComputedRef<string[]>; choose: (period: string) => void } {
  const route = useRoute()
  const router = useRouter()
  const store = useMetaStore()

  const periods = computed(() => store.meta?.periods ?? [])
  const period = computed(() => {
    const wanted = route.query.period
    if (typeof wanted === 'string' && periods.value.includes(wanted)) return wanted
    return periods.value[0] ?? null
  })

  return {
    period,
    periods,
    choose: (chosen) => {
      void router.replace({ query: { ...route.query, period: chosen } })
    },
  }
}
