import { onMounted, shallowRef, type ShallowRef } from 'vue'
import { useRoute, useRouter } from 'vue-router'

import { toApiError, type ApiError } from '@/api/error'

interface Store {
  /** `undefined` until the server was asked. */
  session: unknown
  restore: () => Promise<unknown>
}

/**
 * The guard learns who is signed in, unless the server did not answer it: then the shell asks again. `unknown` says why nobody
 * knows who is signed in.
 */
export function useRestoring(store: Store): { unknown: ShallowRef<ApiError | null>; prepare: () => Promise<void> } {
  const route = useRoute()
  const router = useRouter()
  const unknown = shallowRef<ApiError | null>(null)

  async function prepare(): Promise<void> {
    if (store.session !== undefined) return
    unknown.value = null
    try {
      await store.restore()
    } catch (thrown) {
      unknown.value = toApiError(thrown)
      return
    }
    // The guard decides again, now that it can.
    await router.replace({ path: route.path, query: route.query, hash: route.hash, force: true })
  }
  onMounted(prepare)

  return { unknown, prepare }
}
