import { useRouter, type RouteLocationRaw } from 'vue-router'

import { useSessionStore } from '@/app/stores/session'

/**
 * Whether a link leads somewhere for whoever is signed in. A page that opens for another of the granted purposes
 * counts: it says so itself.
 */
export function useReach(): (to: RouteLocationRaw) => boolean {
  const router = useRouter()
  const session = useSessionStore()
  return (to) => {
    const { action } = router.resolve(to).meta
    return action === undefined || session.mayForSome(action)
  }
}
