import { flushPromises, mount, type VueWrapper } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { createMemoryHistory, type Router } from 'vue-router'

import { createAppRouter } from '@/app/router'
import { powers, session } from '@/app/stores/fixtures'
import { useSessionStore } from '@/app/stores/session'
import { createMessages } from '@/locales'

import ClientsPage from './ClientsPage.vue'
import { client } from './fixtures'

const ORGANISATIONS = {
  organisations: [{ organisation_id: 'edu', name: { zh: '教育局', en: 'Education Bureau' }, kind: 'department', level: 'city', division: '4401', parent: null }],
  next: null,
}
let pages: Record<string, unknown>
const asked: Request[] = []
let router: Router
let wrapper: VueWrapper

/** The page as somebody sees it who may do these acts. */
async function open(...actions: string[]): Promise<void> {
  const pinia = createPinia()
  setActivePinia(pinia)
  useSessionStore().session = session({ powers: [powers(null, 'organisation.read', ...actions)] })
  router = createAppRouter(createMemoryHistory())
  // The pages that it leads to are not what is tried here.
  for (const route of router.getRoutes()) route.components = { default: { template: '<i />' } }
  wrapper = mount(ClientsPage, { global: { plugins: [pinia, router, createMessages('en')] }, attachTo: document.body })
  await flushPromises()
}

const button = (name: string): HTMLButtonElement | undefined => [...document.querySelectorAll('button')].find((each) => each.textContent.trim() === name)

beforeEach(() => {
  asked.length = 0
  pages = { '': { clients: [client()], next: 'bus' }, bus: { clients: [client({ client_id: 'old', name: '旧系统', ended_at: '2026-12-01T00:00:00Z' })], next: null } }
  vi.stubGlobal('fetch', (request: Request) => {
    const { pathname, searchParams } = new URL(request.url)
    const json = (status: number, body: unknown): Promise<Response> => Promise.resolve(new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json' } }))
    if (pathname === '/api/v1/organisations') return json(200, ORGANISATIONS)
    asked.push(request)
    return request.method === 'POST' ? json(201, client()) : json(200, pages[searchParams.get('cursor') ?? ''])
  })
})
afterEach(() => {
  wrapper.unmount()
  document.body.innerHTML = ''
  vi.unstubAllGlobals()
})

it('lists programs with their organisation and state, page by page', async () => {
  await open('client.read')
  for (const word of ['公交优待', 'bus', 'Education Bureau', 'Active']) expect(wrapper.get('tbody').text()).toContain(word)
  expect(wrapper.get('tbody a').attributes('href')).toBe('/console/clients/bus')
  button('Next')?.click()
  await flushPromises()
  for (const word of ['旧系统', 'Ended']) expect(wrapper.get('tbody').text()).toContain(word)
})

it('says that there are none', async () => {
  pages = { '': { clients: [], next: null } }
  await open('client.read')
  expect(wrapper.text()).toContain('No API clients yet')
})

it('lets only those add one who may, and leads to its page', async () => {
  await open('client.read')
  expect(button('New API client')).toBeUndefined()
  wrapper.unmount()
  await open('client.read', 'client.create')
  button('New API client')?.click()
  await flushPromises()
  const dialog = document.querySelector('[role=dialog]')!
  dialog.querySelector<HTMLInputElement>('[role=combobox]')!.click()
  await flushPromises()
  document.querySelector<HTMLElement>('[role=option]')!.click()
  for (const [at, text] of [' 公交优待 ', ' bus '].entries()) {
    const box = dialog.querySelectorAll<HTMLInputElement>('input:not([role=combobox])')[at]!
    box.value = text
    box.dispatchEvent(new Event('input'))
  }
  await flushPromises()
  dialog.querySelector<HTMLButtonElement>('button[type=submit]')!.click()
  await flushPromises()
  const made = asked.find((request) => request.method === 'POST')
  expect(made?.headers.get('idempotency-key')).toMatch(/^[0-9a-f]{32}$/)
  expect(await made?.json()).toEqual({ client_id: 'bus', name: '公交优待', organisation: 'edu' })
  expect(router.currentRoute.value.fullPath).toBe('/console/clients/bus')
})
