import { computed, type ComputedRef } from 'vue'

import { useModesStore } from '@/app/stores/modes'

import { chartTheme, type ChartTheme } from './theme'

/** How charts look now: they are drawn anew when it changes. */
export function useChartTheme(): ComputedRef<ChartTheme> {
  const modes = useModesStore()
  return computed(() => chartTheme(modes.dark, modes.scale))
}
