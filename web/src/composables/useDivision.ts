import { computed, type ComputedRef } from 'vue'
import { useRoute, useRouter } from 'vue-router'

import { useSessionStore } from '@/app/stores/session'

/**
 * The division that the console is narrowed to, as the address says it; empty for the whole of what the reader is responsible
 * for. Whatever contains that whole narrows nothing.
 */
export function useDivision(): { division: ComputedRef<string>; choose: (code: string) => void } {
  const route = useRoute()
  const router = useRouter()
  const session = useSessionStore()

  const division = computed(() => {
    const wanted = route.query.division
    if (typeof wanted !== 'string') return ''
    return session.user?.organisation?.division.startsWith(wanted) ? '' : wanted
  })

  return {
    division,
    // Another page of the history, so that the way back leads to the whole.
    choose: (code) => {
      const query = { ...route.query }
      delete query.division
      void router.push({ query: code === '' ? query : { ...query, division: code } })
    },
  }
}
