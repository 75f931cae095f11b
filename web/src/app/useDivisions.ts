import { computed, ref, type ComputedRef } from 'vue'
import { useI18n } from 'vue-i18n'

import type { ApiError } from '@/api/error'
import { useDivision } from '@/composables/useDivision'
import { useFormat } from '@/composables/useFormat'
import { allOrganisations } from '@/composables/useOrganisations'
import { useResource } from '@/composables/useResource'

import { divisionsBelow, type DivisionChoice } from './divisions'
import { useMetaStore } from './stores/meta'
import { useSessionStore } from './stores/session'

export interface Divisions {
  /** What can be chosen; empty if the reader is responsible for one division alone, or for none. */
  choices: ComputedRef<DivisionChoice[]>
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

/** The divisions that the console can be narrowed to. Those below districts are read when they are wanted, by those who may. */
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

  const organisations = useResource(
    () => {
      // The name of what an address names is wanted as well.
      const isWanted = wanted.value || (chosen.value !== '' && meta.meta !== null && !isDistrict(chosen.value))
      return isWanted && session.first === null && session.may('organisation.read') ? own.value : null
    },
    (_, signal) => allOrganisations(signal),
  )
  const choices = computed(() => (own.value === null ? [] : divisionsBelow(own.value, districts.value, organisations.data.value ?? [])))

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
    loading: organisations.loading,
    error: computed(() => organisations.error.value),
    load: () => {
      if (organisations.error.value) organisations.retry()
      wanted.value = true
    },
  }
}
