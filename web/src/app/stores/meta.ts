import { defineStore } from 'pinia'
import { shallowRef } from 'vue'

import { answer, api } from '@/api/client'
import { toApiError, type ApiError } from '@/api/error'
import type { Meta } from '@/api/types'

/** What the console knows before it shows anything: periods, datasets, policies, districts. */
export const useMetaStore = defineStore('meta', () => {
  const meta = shallowRef<Meta | null>(null)
  const error = shallowRef<ApiError | null>(null)

  async function load(): Promise<void> {
    error.value = null
    try {
      meta.value = await answer(api.GET('/api/v1/meta'))
    } catch (thrown) {
      error.value = toApiError(thrown)
    }
  }

  /** Forgets everything, so that the next session asks anew. */
  function forget(): void {
    meta.value = null
    error.value = null
  }

  return { meta, error, load, forget }
})
