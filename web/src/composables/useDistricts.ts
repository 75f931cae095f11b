import { computed, type ComputedRef } from 'vue'

import { useSessionStore } from '@/app/stores/session'

import { useFormat } from './useFormat'
import { useMeta } from './useMeta'

/** The districts that a list can be cut to: those that have something in common with one's own division. */
export function useDistricts(): ComputedRef<{ value: string; label: string }[]> {
  const meta = useMeta()
  const format = useFormat()
  const session = useSessionStore()

  return computed(() => {
    const own = session.user?.organisation?.division ?? ''
    return meta.districts
      .filter((district) => district.code.startsWith(own) || own.startsWith(district.code))
      .map((district) => ({ value: district.code, label: format.text(district.name) }))
  })
}
