import { flushPromises, mount, type VueWrapper } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { RouterView, type Router } from 'vue-router'

import type { Meta, Session } from '@/api/types'
import PeoplePage from '@/features/people/PeoplePage.vue'
import { createMessages } from '@/locales'

import { createAppRouter } from './router'
import { powers, session } from './stores/fixtures'
import { useModesStore } from './stores/modes'
import { useSessionStore } from './stores/session'

const NUMBER = '440199190001010017'
const meta: Meta = { city: { zh: '某市', en: 'Some City' }, periods: [], code_version: '0.1.0', datasets: [], policies: [], districts: [], quarantine_codes: [] }

/** What people were searched for, and for which purpose. */
const searches: { q: unknown; division: unknown; purpose: string | null }[] = []
const addresses: string[] = []
let router: Router
let wrapper: VueWrapper

async function show(address: string, as: Session): Promise<void> {
  useSessionStore().session = as
  await router.push(address)
  wrapper = mount(RouterView, { global: { plugins: [router, createMessages('en')] }, attachTo: document.body })
  await flushPromises()
}

const caseWorker = (...others: Session['powers']) => session({ powers: [powers(null, 'meta.read', 'overview.read'), powers('casework', 'person.search'), ...others] })
const field = () => wrapper.get<HTMLInputElement>('.person-search input')
/** The button of these words, within what the selector names. */
function button(within: string, text: string | RegExp) {
  const found = wrapper.findAll(`${within} button`).find((each) => (typeof text === 'string' ? each.text() === text : text.test(each.text())))
  if (!found) throw new Error(`no button ${String(text)} in ${within}: ${wrapper.text()}`)
  return found
}
const opener = () => wrapper.get<HTMLButtonElement>('.person-search .opener')
const offered = () => wrapper.find('.person-search').exists()

async function press(init: KeyboardEventInit, on: Element = document.activeElement ?? document.body): Promise<KeyboardEvent> {
  const event = new KeyboardEvent('keydown', { bubbles: true, cancelable: true, ...init })
  on.dispatchEvent(event)
  await flushPromises()
  return event
}

/** As the styles have it where the field has room on the bar. */
function giveRoom(): void {
  opener().element.style.display = 'none'
}

async function search(text: string): Promise<void> {
  await field().setValue(text)
  await wrapper.get('.person-search form').trigger('submit')
  await flushPromises()
}

beforeEach(() => {
  searches.length = 0
  addresses.length = 0
  localStorage.clear()
  sessionStorage.clear()
  vi.stubGlobal('fetch', async (request: Request) => {
    addresses.push(request.url)
    const { pathname } = new URL(request.url)
    if (pathname === '/api/v1/meta') return Response.json(meta)
    if (pathname !== '/api/v1/people/searches') return Response.json({ code: 'NOT-FOUND' }, { status: 404 })
    const { q, division } = (await request.json()) as Record<string, unknown>
    searches.push({ q, division, purpose: useSessionStore().purpose })
    return Response.json({ people: [], total: 0, next: null })
  })
  setActivePinia(createPinia())
  router = createAppRouter()
  // Of the pages, that of the people alone is tried here.
  for (const route of router.getRoutes()) {
    if (route.name === 'people') route.components = { default: PeoplePage }
    else if (route.name) route.components = { default: { template: '<p>page</p>' } }
  }
})
afterEach(() => {
  wrapper.unmount()
  router.options.history.destroy()
  document.body.innerHTML = ''
  vi.unstubAllGlobals()
})

describe('PersonSearch', () => {
  it('leads to the people with that search done, which stands in no address and no storage', async () => {
    await show('/console/overview?division=440104', caseWorker())
    await search(` ${NUMBER} `)
    expect(router.currentRoute.value.fullPath).toBe('/console/people?division=440104')
    expect(searches).toEqual([{ q: NUMBER, division: '440104', purpose: 'casework' }])
    expect(wrapper.get<HTMLInputElement>('#people-search').element.value).toBe(NUMBER)
    for (const place of [location.href, JSON.stringify(window.history.state), JSON.stringify({ ...localStorage }), JSON.stringify({ ...sessionStorage }), ...addresses]) {
      expect(place).not.toContain(NUMBER)
    }
  })

  it('is not a second field on the page of the people, where the keys lead to its own', async () => {
    await show('/console/people', caseWorker())
    expect(offered()).toBe(false)
    expect(wrapper.findAll('input[type="search"]')).toHaveLength(1)
    await press({ key: 'k', ctrlKey: true })
    expect(document.activeElement?.id).toBe('people-search')
    await router.push('/console/overview')
    await flushPromises()
    expect(offered()).toBe(true)
    expect(field().element.value).toBe('')
  })

  it('keeps the text until a purpose is chosen', async () => {
    await show('/console/overview', caseWorker(powers('supervision', 'person.search')))
    expect(useSessionStore().purpose).toBeNull()
    await search('Chen Zhiqiang')
    expect(router.currentRoute.value.fullPath).toBe('/console/people')
    expect(searches).toEqual([])
    expect(wrapper.get('main h1').text()).toBe('People: not for you to see')
    await button('main', 'Change to supervision').trigger('click')
    await flushPromises()
    expect(searches).toEqual([{ q: 'Chen Zhiqiang', division: undefined, purpose: 'supervision' }])
    expect(wrapper.get<HTMLInputElement>('#people-search').element.value).toBe('Chen Zhiqiang')
  })

  it('is for those alone who may search for people, and after what has to be done first', async () => {
    await show('/console/account', session({ powers: [powers(null, 'meta.read', 'user.read')] }))
    expect(offered()).toBe(false)
    expect((await press({ key: '/' })).defaultPrevented).toBe(false)
    useSessionStore().session = { ...caseWorker(), first: 'change_password' }
    await flushPromises()
    expect(offered()).toBe(false)
    useSessionStore().session = caseWorker()
    await flushPromises()
    expect(offered()).toBe(true)
  })

  it('gets the keyboard by either key, and the escape key empties it and gives the keyboard back', async () => {
    await show('/console/overview', caseWorker())
    giveRoom()
    const link = wrapper.get<HTMLAnchorElement>('nav a').element
    for (const init of [{ key: '/' }, { key: 'k', ctrlKey: true }, { key: 'k', metaKey: true }]) {
      link.focus()
      // The key is not typed as well.
      expect((await press(init)).defaultPrevented).toBe(true)
      expect(document.activeElement).toBe(field().element)
      expect(wrapper.get('.person-search').classes()).not.toContain('open')
      await field().setValue('chen')
      await press({ key: 'Escape', isComposing: true })
      expect(field().element.value).toBe('chen')
      await press({ key: 'Escape' })
      expect(field().element.value).toBe('')
      expect(document.activeElement).toBe(link)
    }
  })

  it('opens by its button where the bar has no room, and closes', async () => {
    await show('/console/overview', caseWorker())
    expect(opener().attributes()).toMatchObject({ 'aria-label': 'Find a person', 'aria-expanded': 'false', 'aria-controls': wrapper.get('.person-search form').attributes('id') })
    await opener().trigger('click')
    await flushPromises()
    expect(opener().attributes('aria-expanded')).toBe('true')
    expect(document.activeElement).toBe(field().element)
    await press({ key: 'Escape' })
    expect(opener().attributes('aria-expanded')).toBe('false')
    expect(document.activeElement).toBe(opener().element)
    await press({ key: '/' })
    expect(opener().attributes('aria-expanded')).toBe('true')
    expect(document.activeElement).toBe(field().element)
    await opener().trigger('click')
    expect(opener().attributes('aria-expanded')).toBe('false')
  })

  it('says its keys, and the slash can be switched off', async () => {
    await show('/console/overview', caseWorker())
    for (const each of [field(), opener()]) {
      expect(each.attributes('aria-keyshortcuts')).toBe('/ Control+K Meta+K')
      expect(each.attributes('title')).toMatch(/^Find a person \(\/ or .+\)$/)
    }
    await button('header .sheet', / alone$/).trigger('click')
    expect(useModesStore().searchKeys).toBe('chord')
    expect(field().attributes('aria-keyshortcuts')).toBe('Control+K Meta+K')
    expect(field().attributes('title')).not.toContain('/')
    expect((await press({ key: '/' }, document.body)).defaultPrevented).toBe(false)
    expect(document.activeElement).not.toBe(field().element)
    await press({ key: 'k', ctrlKey: true }, document.body)
    expect(document.activeElement).toBe(field().element)
  })
})
