import { flushPromises, mount, type VueWrapper } from '@vue/test-utils'
import { createPinia, setActivePinia, type Pinia } from 'pinia'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createRouter, createWebHistory, RouterView, type Router } from 'vue-router'

import { powers, session } from '@/app/stores/fixtures'
import { useSessionStore } from '@/app/stores/session'
import { createMessages } from '@/locales'

import PeoplePage from './PeoplePage.vue'

const NUMBER = '440199190001010017'

const asked: { method: string; url: string; body: Record<string, unknown> }[] = []
let pinia: Pinia
let router: Router
let wrapper: VueWrapper

/** What was searched for last. */
const last = () => asked.at(-1)?.body
const box = () => wrapper.get<HTMLInputElement>('#people-search')

async function search(text: string): Promise<void> {
  await box().setValue(text)
  await wrapper.get('form').trigger('submit')
  await flushPromises()
}

async function go(delta: number): Promise<void> {
  const arrived = new Promise<void>((resolve) => {
    const stop = router.afterEach(() => {
      stop()
      resolve()
    })
  })
  router.go(delta)
  await arrived
  await flushPromises()
}

async function push(address: string): Promise<void> {
  await router.push(address)
  await flushPromises()
}

beforeEach(async () => {
  asked.length = 0
  vi.stubGlobal('fetch', async (request: Request) => {
    asked.push({ method: request.method, url: request.url, body: (await request.json()) as Record<string, unknown> })
    return Response.json({ people: [], total: 0, next: null })
  })
  pinia = createPinia()
  setActivePinia(pinia)
  useSessionStore().session = session({ powers: [powers('casework', 'person.search')] })
  const page = { template: '<i />' }
  router = createRouter({
    history: createWebHistory(),
    routes: [
      { path: '/console/people', name: 'people', component: PeoplePage },
      { path: '/console/people/:personId', name: 'person', component: page },
      { path: '/', component: page },
    ],
  })
  await router.push('/')
  await router.push('/console/people?division=440104')
  wrapper = mount({ components: { RouterView }, template: '<RouterView />' }, { global: { plugins: [pinia, router, createMessages('en')] }, attachTo: document.body })
  await flushPromises()
})
afterEach(() => {
  wrapper.unmount()
  router.options.history.destroy()
  document.body.innerHTML = ''
  vi.unstubAllGlobals()
})

describe('the search', () => {
  it('is reached by the keys that lead to it elsewhere, with what stands in it selected', async () => {
    await search('chen')
    box().element.blur()
    document.body.dispatchEvent(new KeyboardEvent('keydown', { key: '/', bubbles: true, cancelable: true }))
    expect(document.activeElement).toBe(box().element)
    expect([box().element.selectionStart, box().element.selectionEnd]).toEqual([0, 4])
    expect(box().attributes('aria-keyshortcuts')).toBe('/ Control+K Meta+K')
    expect(box().attributes('title')).toMatch(/^Find a person \(\/ or (?:Ctrl\+K|⌘K)\)$/)
  })

  it('stands in the body of what is asked, and nowhere in an address, the history or a storage', async () => {
    for (const text of ['Chen Zhiqiang', NUMBER]) {
      await search(` ${text} `)
      expect(last()).toEqual({ q: text, division: '440104', limit: 20 })
      const kept = [location.href, JSON.stringify(window.history.state), JSON.stringify({ ...localStorage }), JSON.stringify({ ...sessionStorage })]
      for (const place of kept) expect(place).not.toContain(text)
    }
    for (const { method, url } of asked) {
      expect(method).toBe('POST')
      expect(new URL(url).pathname + new URL(url).search).toBe('/api/v1/people/searches')
    }
    expect(router.currentRoute.value.fullPath).toBe('/console/people?division=440104')
  })

  it('comes back with the entry of the history that it was typed in', async () => {
    await search(NUMBER)
    await push('/console/people/p1')
    expect(wrapper.find('#people-search').exists()).toBe(false)
    await go(-1)
    expect(box().element.value).toBe(NUMBER)
    expect(last()).toMatchObject({ q: NUMBER })
  })

  it('is empty on a page that was opened anew', async () => {
    await search('chen')
    await push('/')
    await push('/console/people')
    expect(box().element.value).toBe('')
    expect(last()).toEqual({ q: '', limit: 20 })
  })

  it('goes along to another division, and back leads to both', async () => {
    await search('chen')
    await push('/console/people?division=440106')
    expect(last()).toMatchObject({ q: 'chen', division: '440106' })
    await search('li')
    await go(-1)
    expect(box().element.value).toBe('chen')
    expect(last()).toMatchObject({ q: 'chen', division: '440104' })
    await go(1)
    expect(last()).toMatchObject({ q: 'li', division: '440106' })
  })

  it('is forgotten with the session', async () => {
    await search(NUMBER)
    await push('/')
    useSessionStore().expire()
    useSessionStore().session = session({ powers: [powers('casework', 'person.search')] })
    await go(-1)
    expect(box().element.value).toBe('')
    expect(last()).toMatchObject({ q: '' })
  })
})
