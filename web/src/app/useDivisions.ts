import { computed, ref, type ComputedRef } from 'vue'
import { useI18n } from 'vue-i18n'

import { answer, api } from '@/api/client'
import type { ApiError } from '@/api/error'
import { useDivision } from '@/composables/useDivision'
import { useFormat } from '@/composables/useFormat'
import { useResource } from '@/composables/useResource'

import { divisionsBelow, type DivisionChoice } from './divisions'
import { useMetaStore } from './stores/meta'
import { useSessionStore } from './stores/session'

export interface Divisions {
  /** What can be chosen; empty if the reader is responsible for one division alone, or for none. */
  choices: ComputedRef<DivisionChoice[]>
  /** Whether there is anything to choose, or may be once it could be read. */
  offered: ComputedRef<boolean>
  /** Code of the chosen one; empty for the whole. */
  chosen: ComputedRef<string>
  choose: (code: string) => void
  /** Name of the whole. */
  whole: ComputedRef<string>
  /** A name, or the code of what has none here. */
  nameOf: (code: string) => string
  /** Whether those below districts are on their way. */
  loading: ComputedRef<boolean>
  error: ComputedRef<ApiError | null>
  /** Reads those below districts, unless they are there. */
  load: () => void
}

/** The divisions that the console can be narrowed to: those within one's own. Those below districts are read when they are wanted. */
export function useDivisions(): Divisions {
  const { t } = useI18n()
  const format = useFormat()
  const meta = useMetaStore()
  const session = useSessionStore()
  const { division: chosen, choose } = useDivision()

  const own = computed(() => session.user?.organisation?.division ?? null)
  const districts = computed(() => meta.meta?.districts ?? [])
  const wanted = ref<boolean>(false)

  function isDistrict(code: string): boolean {
    return districts.value.some((each) => each.code === code)
  }

  const below = useResource(
    () => {
      if (own.value === null || meta.meta === null || session.first !== null || !session.may('meta.read')) return null
      // The name of what an address names is wanted as well, and whoever has no districts has nothing to choose before.
      const isWanted = wanted.value || (chosen.value !== '' && !isDistrict(chosen.value)) || divisionsBelow(own.value, districts.value, []).length === 0
      return isWanted ? own.value : null
    },
    async (_, signal) => (await answer(api.GET('/api/v1/divisions', { signal }))).divisions,
  )
  const choices = computed(() => (own.value === null ? [] : divisionsBelow(own.value, districts.value, below.data.value ?? [])))

  function nameOf(code: string): string {
    return format.text(choices.value.find((each) => each.code === code)?.name) || code
  }

  /** One's own place by its own name, and not by the name of the office there. */
  const whole = computed(() => {
    const organisation = session.user?.organisation
    const place = organisation?.level === 'city' ? meta.meta?.city : districts.value.find((each) => each.code === own.value)?.name
    return t('scope.whole', { name: format.text(place ?? organisation?.name) })
  })

  return {
    choices,
    chosen,
    choose,
    whole,
    nameOf,
    offered: computed(() => choices.value.length > 0 || below.error.value !== null),
    loading: below.loading,
    error: computed(() => below.error.value),
    load: () => {
      if (below.error.value) below.retry()
      wanted.value = true
    },
  }
}
