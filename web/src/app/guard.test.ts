import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createMemoryHistory, type Router } from 'vue-router'

import type { CitizenSession, Session } from '@/api/types'

import { mayOpen, maySearchPeople, openPlaces } from './places'
import { createAppRouter } from './router'
import { affiliated, powers, session } from './stores/fixtures'
import { useSessionStore } from './stores/session'

const fetchStub = vi.fn<typeof fetch>()
let router: Router

/** Where somebody gets to who opens an address; null stands for nobody signed in. */
async function arrive(address: string, as: Session | CitizenSession | null): Promise<string> {
  const body = JSON.stringify(as ?? { code: 'AUTH-SESSION' })
  fetchStub.mockImplementation(() => Promise.resolve(new Response(body, { status: as ? 200 : 401, headers: { 'content-type': 'application/json' } })))
  await router.push(address)
  return router.currentRoute.value.fullPath
}

beforeEach(() => {
  vi.stubGlobal('fetch', fetchStub)
  fetchStub.mockReset()
  sessionStorage.clear()
  setActivePinia(createPinia())
  router = createAppRouter(createMemoryHistory())
  // The pages themselves are not what is tried here.
  for (const route of router.getRoutes()) route.components = { default: { template: '<i />' } }
})
afterEach(() => {
  vi.unstubAllGlobals()
})

const staff = session({ powers: [powers(null, 'meta.read', 'overview.read'), powers('casework', 'meta.read', 'overview.read', 'person.search')] })
const security = session({ powers: [powers(null, 'meta.read', 'user.read', 'organisation.read', 'client.read')] })

describe('the guard', () => {
  it('sends whoever is not signed in to sign-in, and remembers where they were going', async () => {
    expect(await arrive('/console/people?division=440104', null)).toBe('/console/sign-in?next=/console/people?division=440104')
  })

  it('leads from the console to the first place that may be seen', async () => {
    expect(await arrive('/console', staff)).toBe('/console/overview')
  })

  it('leads administrators to their own places', async () => {
    expect(await arrive('/console', security)).toBe('/console/accounts')
  })

  it('leads those who may see nothing to their account', async () => {
    expect(await arrive('/console', session({ powers: [] }))).toBe('/console/account')
  })

  it('leaves an address that is not for them as it is: the shell says so', async () => {
    expect(await arrive('/console/people', security)).toBe('/console/people')
    expect(mayOpen(useSessionStore(), router.currentRoute.value.meta)).toBe(false)
  })

  it('leads everywhere to the account while something has to be done first', async () => {
    expect(await arrive('/console/people', { ...staff, first: 'change_password' })).toBe('/console/account')
    expect(openPlaces(router, useSessionStore())).toEqual([])
    await router.push('/console/overview')
    expect(router.currentRoute.value.name).toBe('account')
  })
})

describe('what goes along', () => {
  it('takes period and division from page to page, and back and forward bring pages as they were', async () => {
    await arrive('/console/overview', staff)
    await arrive('/console/people?division=440104&period=2024-01', staff)
    expect(await arrive('/console/overview', staff)).toBe('/console/overview?period=2024-01&division=440104')
    router.go(-2)
    await vi.waitFor(() => {
      expect(router.currentRoute.value.fullPath).toBe('/console/overview')
    })
  })
})

describe('the navigation', () => {
  it('has the places that may be seen for the purpose', async () => {
    await arrive('/console', staff)
    expect(openPlaces(router, useSessionStore())).toEqual(['overview', 'people', 'reviews'])
  })

  it('leads to the search for people for any granted purpose, once nothing else has to be done first', async () => {
    await arrive('/console', { ...staff, powers: [...staff.powers, powers('supervision', 'overview.read')] })
    expect(openPlaces(router, useSessionStore())).not.toContain('people')
    expect(maySearchPeople(useSessionStore())).toBe(true)
    useSessionStore().session = { ...staff, first: 'change_password' }
    expect(maySearchPeople(useSessionStore())).toBe(false)
    useSessionStore().session = security
    expect(maySearchPeople(useSessionStore())).toBe(false)
  })

  it('has those of an administrator', async () => {
    await arrive('/console', security)
    expect(openPlaces(router, useSessionStore())).toEqual(['accounts', 'organisations', 'clients'])
  })

  it('has a guarded page with an act for each of its places', () => {
    for (const route of router.getRoutes().filter((each) => each.path.startsWith('/console/') && each.meta.guarded && !['home', 'account'].includes(String(each.name)))) {
      expect(route.meta.action, String(route.name)).toBeDefined()
    }
  })
})

describe('the guard of the portal', () => {
  const citizen: CitizenSession = { people: [affiliated()] }

  it('shows the first page to whoever is not signed in', async () => {
    expect(await arrive('/', null)).toBe('/')
    expect(router.currentRoute.value.name).toBe('portal')
  })

  it('leads whoever is signed in from the first page to their affairs', async () => {
    expect(await arrive('/', citizen)).toBe('/my/p1')
  })

  it('sends whoever is not signed in to the first page', async () => {
    expect(await arrive('/my/p1/readings', null)).toBe('/')
  })

  it('leaves an address that is not for them as it is: the shell says so', async () => {
    expect(await arrive('/my/p2/readings', citizen)).toBe('/my/p2/readings')
    expect(router.currentRoute.value.meta).toMatchObject({ portal: true, citizen: true, who: true })
  })

  it('asks nothing about the portal in the console', async () => {
    await arrive('/console/people', null)
    expect(fetchStub.mock.calls.map(([request]) => new URL((request as Request).url).pathname)).toEqual(['/api/v1/session'])
  })
})
