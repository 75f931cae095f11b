import type { RouteMeta, Router } from 'vue-router'

import type { useSessionStore } from './stores/session'

/** The places of the navigation, in the order in which they are looked through for the first that may be seen. */
export const PLACES = ['overview', 'inbox', 'people', 'quarantine', 'reviews', 'lists', 'batches', 'accounts', 'organisations', 'clients', 'trail'] as const
export type Place = (typeof PLACES)[number]

type Session = ReturnType<typeof useSessionStore>

/** Whether a page may be seen now. */
export function mayOpen(session: Session, meta: RouteMeta): boolean {
  return meta.action === undefined || session.may(meta.action)
}

/**
 * Whether people may be searched for, now or for another of the granted purposes: then the page of the people asks for that one.
 * Nobody may while something else has to be done first.
 */
export function maySearchPeople(session: Session): boolean {
  return session.first === null && session.mayForSome('person.search')
}

/** The places that may be seen now; none while something else has to be done first. */
export function openPlaces(router: Router, session: Session): Place[] {
  if (session.first !== null) return []
  return PLACES.filter((name) => mayOpen(session, router.resolve({ name }).meta))
}
