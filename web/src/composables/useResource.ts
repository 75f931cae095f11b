import { computed, onScopeDispose, shallowRef, watch, type ComputedRef, type ShallowRef } from 'vue'

import { isAbort, toApiError, type ApiError } from '@/api/error'

export type ResourceStatus = 'idle' | 'loading' | 'ready' | 'error'

export interface Resource<T> {
  status: ShallowRef<ResourceStatus>
  /** What was loaded last; while newer data is on its way, the older stays if `keepPrevious` says so. */
  data: ShallowRef<T | null>
  error: ShallowRef<ApiError | null>
  loading: ComputedRef<boolean>
  retry: () => void
  /** The same, for those who wait for it; it never fails, because `error` says what did. */
  reload: () => Promise<void>
}

export interface ResourceOptions {
  /** Keep showing the older data while newer is loaded (pages of one list), instead of a skeleton. */
  keepPrevious?: boolean
}

/**
 * Loads what `key` names, now and whenever the key changes; null means that there is nothing to load.
 * Only the answer to the newest key counts: older calls are aborted and ignored.
 */
export function useResource<K, T>(
  key: () => K | null,
  load: (key: K, signal: AbortSignal) => Promise<T>,
  options: ResourceOptions = {},
): Resource<T> {
  const status = shallowRef<ResourceStatus>('idle')
  const data = shallowRef<T | null>(null)
  const error = shallowRef<ApiError | null>(null)
  let newest: AbortController | null = null

  async function run(wanted: K | null): Promise<void> {
    newest?.abort()
    newest = null
    error.value = null
    if (wanted === null) {
      data.value = null
      status.value = 'idle'
      return
    }
    const controller = new AbortController()
    newest = controller
    if (!options.keepPrevious) data.value = null
    status.value = 'loading'
    try {
      const loaded = await load(wanted, controller.signal)
      if (newest !== controller) return
      data.value = loaded
      status.value = 'ready'
    } catch (thrown) {
      if (newest !== controller || isAbort(thrown)) return
      data.value = null
      error.value = toApiError(thrown)
      status.value = 'error'
    }
  }

  // Keys are compared by content, so that a new object with the same filters loads nothing.
  watch(
    () => JSON.stringify(key()),
    () => void run(key()),
    { immediate: true },
  )
  onScopeDispose(() => {
    newest?.abort()
    newest = null
  })

  return {
    status,
    data,
    error,
    loading: computed(() => status.value === 'loading'),
    retry: () => void run(key()),
    reload: () => run(key()),
  }
}
