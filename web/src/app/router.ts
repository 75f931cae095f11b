import { createRouter, createWebHistory, type RouteLocationNormalized, type RouteLocationRaw, type Router, type RouterHistory } from 'vue-router'

import LoadingLines from '@/components/LoadingLines.vue'

import type { Action } from './access'
import { openPlaces } from './places'
import { useCitizenStore } from './stores/citizen'
import { useSessionStore } from './stores/session'

declare module 'vue-router' {
  interface RouteMeta {
    /** Key of the page's title in the message files. */
    title: string
    /** Only for those who are signed in. */
    guarded?: boolean
    /** What must be allowed to whoever sees the page. */
    action?: Action
    /** What the page needs of the console's basic data: names of the city, or a period as well. */
    uses?: 'names' | 'period'
    /** Shows one division alone when the address names one. */
    narrows?: boolean
    /** Stands in the portal. */
    portal?: boolean
    /** Only for those who are signed in to the portal. */
    citizen?: boolean
    /** Shows who else sees a person's data or acts for them. */
    who?: boolean
  }
}

/** Where to go after signing in: an address within the console, never elsewhere. */
export function afterSignIn(next: unknown): string {
  return typeof next === 'string' && /^\/console(?:[/?#]|$)/.test(next) ? next : '/console'
}

/** What goes with the reader from page to page: of when, and of where, they look at everything. */
const CARRIED = ['period', 'division'] as const

/**
 * The address of the next page with what goes along, or null if it has that already. A page that is on the screen says itself
 * what it shows, so that the reader can go back to the whole.
 */
export function withCarried(to: RouteLocationNormalized, from: RouteLocationNormalized): RouteLocationRaw | null {
  if (!to.meta.guarded || to.path === from.path) return null
  const lacking = CARRIED.filter((key) => typeof from.query[key] === 'string' && to.query[key] === undefined)
  if (lacking.length === 0) return null
  return { path: to.path, hash: to.hash, query: { ...to.query, ...Object.fromEntries(lacking.map((key) => [key, from.query[key]])) } }
}

export function createAppRouter(history: RouterHistory = createWebHistory()): Router {
  const router = createRouter({
    history,
    scrollBehavior(to, from, saved) {
      if (saved) return saved
      // Filters and tabs change the address only; the reader stays where they are.
      return to.path === from.path ? false : { top: 0 }
    },
    routes: [
      { path: '/', name: 'portal', component: () => import('@/features/portal/WelcomePage.vue'), meta: { title: 'portal.title', portal: true } },
      {
        path: '/my/:personId',
        component: () => import('@/features/portal/PortalShell.vue'),
        props: true,
        meta: { title: 'portal.title', portal: true, citizen: true },
        children: [
          { path: '', name: 'affairs', component: () => import('@/features/portal/AffairsPage.vue'), props: true, meta: { title: 'affairs.title' } },
          { path: 'decisions/:policy', name: 'own-decision', component: () => import('@/features/portal/ReasonPage.vue'), props: true, meta: { title: 'reason.title' } },
          { path: 'readings', name: 'readings', component: () => import('@/features/portal/ReadingsPage.vue'), props: true, meta: { title: 'readings.title', who: true } },
          { path: 'representatives', name: 'representatives', component: () => import('@/features/portal/RepresentativesPage.vue'), props: true, meta: { title: 'representatives.title', who: true } },
        ],
      },
      { path: '/console/sign-in', name: 'sign-in', component: () => import('@/features/sign-in/SignInPage.vue'), meta: { title: 'signIn.title' } },
      {
        path: '/console',
        component: () => import('./ConsoleShell.vue'),
        meta: { title: 'nav.console', guarded: true },
        children: [
          // The guard leads on from here; this is seen only while the server does not answer it.
          { path: '', name: 'home', component: LoadingLines, meta: { title: 'nav.console', guarded: true } },
          { path: 'overview', name: 'overview', component: () => import('@/features/overview/OverviewPage.vue'), meta: { title: 'overview.title', guarded: true, action: 'overview.read', uses: 'period', narrows: true } },
          { path: 'inbox', name: 'inbox', component: () => import('@/features/inbox/InboxPage.vue'), meta: { title: 'inbox.title', guarded: true, action: 'task.read', uses: 'names', narrows: true } },
          { path: 'inbox/:taskId', name: 'task', component: () => import('@/features/inbox/TaskPage.vue'), props: true, meta: { title: 'inbox.one', guarded: true, action: 'task.read', uses: 'names' } },
          { path: 'people', name: 'people', component: () => import('@/features/people/PeoplePage.vue'), meta: { title: 'people.title', guarded: true, action: 'person.search', uses: 'names', narrows: true } },
          { path: 'people/:personId', name: 'person', component: () => import('@/features/person/PersonPage.vue'), props: true, meta: { title: 'person.title', guarded: true, action: 'person.read', uses: 'period' } },
          { path: 'quarantine', name: 'quarantine', component: () => import('@/features/quarantine/QuarantinePage.vue'), meta: { title: 'quarantine.title', guarded: true, action: 'quarantine.read', uses: 'period' } },
          { path: 'reviews', name: 'reviews', component: () => import('@/features/reviews/ReviewsPage.vue'), meta: { title: 'reviews.title', guarded: true, action: 'person.search', uses: 'names', narrows: true } },
          { path: 'lists', name: 'lists', component: () => import('@/features/lists/ListsPage.vue'), meta: { title: 'lists.title', guarded: true, action: 'list.read', uses: 'period', narrows: true } },
          { path: 'batches', name: 'batches', component: () => import('@/features/batches/BatchesPage.vue'), meta: { title: 'batches.title', guarded: true, action: 'batch.read' } },
          { path: 'accounts', name: 'accounts', component: () => import('@/features/accounts/AccountsPage.vue'), meta: { title: 'accounts.title', guarded: true, action: 'user.read', narrows: true } },
          { path: 'accounts/:username', name: 'user', component: () => import('@/features/accounts/UserPage.vue'), props: true, meta: { title: 'accounts.one', guarded: true, action: 'user.read' } },
          { path: 'organisations', name: 'organisations', component: () => import('@/features/organisations/OrganisationsPage.vue'), meta: { title: 'organisations.title', guarded: true, action: 'organisation.read', uses: 'names', narrows: true } },
          { path: 'clients', name: 'clients', component: () => import('@/features/clients/ClientsPage.vue'), meta: { title: 'clients.title', guarded: true, action: 'client.read', narrows: true } },
          { path: 'clients/:clientId', name: 'client', component: () => import('@/features/clients/ClientPage.vue'), props: true, meta: { title: 'clients.one', guarded: true, action: 'client.read', uses: 'names' } },
          { path: 'trail', name: 'trail', component: () => import('@/features/trail/TrailPage.vue'), meta: { title: 'trail.title', guarded: true, action: 'trail.read' } },
          { path: 'account', name: 'account', component: () => import('@/features/account/AccountPage.vue'), meta: { title: 'myAccount.title', guarded: true } },
        ],
      },
      { path: '/reference', name: 'reference', component: () => import('@/features/reference/ReferencePage.vue'), meta: { title: 'reference.title' } },
      { path: '/:rest(.*)*', name: 'not-found', component: () => import('@/features/not-found/NotFoundPage.vue'), meta: { title: 'notFound.title' } },
    ],
  })

  router.beforeEach(async (to) => {
    if (to.name !== 'portal' && !to.meta.citizen) return true
    const citizen = useCitizenStore()
    try {
      const own = await citizen.restore()
      if (to.meta.citizen) return own ? true : { name: 'portal' }
      return own ? { name: 'affairs', params: { personId: own.person_id }, replace: true } : true
    } catch {
      // As below; the first page needs no answer to be shown.
      return true
    }
  })

  router.beforeEach(async (to, from) => {
    if (!to.meta.guarded) return true
    const session = useSessionStore()
    try {
      if (!(await session.restore())) return { name: 'sign-in', query: { next: to.fullPath } }
    } catch {
      // The server gave no sensible answer: the shell asks again and shows the error with a way to retry.
      return true
    }
    if (session.first !== null && to.name !== 'account') return { name: 'account', replace: true }
    if (to.name === 'home') return { name: openPlaces(router, session)[0] ?? 'account', query: to.query, replace: true }
    // Back and forward bring the pages as they were; the browser's address is ahead of the router then.
    if (history.location === to.fullPath) return true
    return withCarried(to, from) ?? true
  })

  return router
}
