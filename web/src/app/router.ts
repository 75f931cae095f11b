import { createRouter, createWebHistory, type RouteLocationNormalized, type RouteLocationRaw, type Router } from 'vue-router'

import { useSessionStore } from './stores/session'

declare module 'vue-router' {
  interface RouteMeta {
    /** Key of the page's title in the message files. */
    title: string
    /** Only for those who are signed in. */
    guarded?: boolean
  }
}

/** Where to go after signing in: an address within the console, never elsewhere. */
export function afterSignIn(next: unknown): string {
  return typeof next === 'string' && /^\/console(?:[/?#]|$)/.test(next) ? next : '/console'
}

/** The period goes with the reader from page to page. */
export function withPeriod(to: RouteLocationNormalized, from: RouteLocationNormalized): RouteLocationRaw | null {
  const period = from.query.period
  if (!to.meta.guarded || typeof period !== 'string' || to.query.period !== undefined) return null
  return { path: to.path, hash: to.hash, query: { ...to.query, period } }
}

export function createAppRouter(): Router {
  const router = createRouter({
    history: createWebHistory(),
    scrollBehavior(to, from, saved) {
      if (saved) return saved
      // Filters and tabs change the address only; the reader stays where they are.
      return to.path === from.path ? false : { top: 0 }
    },
    routes: [
      { path: '/', name: 'landing', component: () => import('@/features/landing/LandingPage.vue'), meta: { title: 'landing.title' } },
      { path: '/console/sign-in', name: 'sign-in', component: () => import('@/features/sign-in/SignInPage.vue'), meta: { title: 'signIn.title' } },
      {
        path: '/console',
        component: () => import('./ConsoleShell.vue'),
        meta: { title: 'nav.console', guarded: true },
        children: [
          { path: '', redirect: { name: 'overview' } },
          { path: 'overview', name: 'overview', component: () => import('@/features/overview/OverviewPage.vue'), meta: { title: 'overview.title', guarded: true } },
          { path: 'people', name: 'people', component: () => import('@/features/people/PeoplePage.vue'), meta: { title: 'people.title', guarded: true } },
          { path: 'people/:personId', name: 'person', component: () => import('@/features/person/PersonPage.vue'), props: true, meta: { title: 'person.title', guarded: true } },
          { path: 'quarantine', name: 'quarantine', component: () => import('@/features/quarantine/QuarantinePage.vue'), meta: { title: 'quarantine.title', guarded: true } },
          { path: 'lists', name: 'lists', component: () => import('@/features/lists/ListsPage.vue'), meta: { title: 'lists.title', guarded: true } },
          { path: 'batches', name: 'batches', component: () => import('@/features/batches/BatchesPage.vue'), meta: { title: 'batches.title', guarded: true } },
        ],
      },
      { path: '/:rest(.*)*', name: 'not-found', component: () => import('@/features/not-found/NotFoundPage.vue'), meta: { title: 'notFound.title' } },
    ],
  })

  router.beforeEach(async (to, from) => {
    if (!to.meta.guarded) return true
    const session = useSessionStore()
    try {
      const user = await session.restore()
      if (!user) return { name: 'sign-in', query: { next: to.fullPath } }
    } catch {
      // The server gave no sensible answer: the shell asks again and shows the error with a way to retry.
      return true
    }
    return withPeriod(to, from) ?? true
  })

  return router
}
