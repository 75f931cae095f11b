import { computed, type ComputedRef } from 'vue'
import { useRoute } from 'vue-router'

import { ApiError } from '@/api/error'

/** Why the way back from a sign-in service ended here: the code of a problem in the address, `?refused=OIDC-CANCELLED`. */
export function useRefused(): ComputedRef<ApiError | null> {
  const route = useRoute()
  return computed(() => {
    const code = route.query.refused
    // Anybody can write an address; only what can be a code is shown.
    if (typeof code !== 'string' || !/^[A-Z]+(?:-[A-Z]+){0,5}$/.test(code) || code.length > 40) return null
    return new ApiError({ type: 'about:blank', title: '', status: 401, detail: null, code })
  })
}
