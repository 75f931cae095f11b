import { flushPromises, mount, type VueWrapper } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import { afterEach, expect, it, vi } from 'vitest'
import { createMemoryHistory } from 'vue-router'

import type { TrailEntry } from '@/api/types'
import { createAppRouter } from '@/app/router'
import { powers, session } from '@/app/stores/fixtures'
import { useSessionStore } from '@/app/stores/session'
import { createMessages } from '@/locales'

import TrailPage from './TrailPage.vue'

const PROGRAM = 'api_client:bus'

function entry(id: number, who: string, subject: string): TrailEntry {
  return { id, at: '2024-02-05T08:00:00Z', who, what: 'verification.ask', subject, purpose: 'agreement', detail: {} }
}

async function open(...actions: string[]): Promise<VueWrapper> {
  const page = {
    entries: [entry(3, PROGRAM, PROGRAM), entry(2, PROGRAM, 'person:p1'), entry(1, 'wu', 'api_client:gone')],
    programs: [{ subject: PROGRAM, name: '公交优待', organisation: { zh: '交通局', en: 'Transport Bureau' } }],
    next: null,
  }
  // The router of the whole application asks who is signed in to the portal.
  const answers = (request: Request) => (request.url.includes('/api/v1/audit/entries') ? Response.json(page) : Response.json({ code: 'CITIZEN-SESSION' }, { status: 401 }))
  vi.stubGlobal('fetch', (request: Request) => Promise.resolve(answers(request)))
  const pinia = createPinia()
  setActivePinia(pinia)
  useSessionStore().session = session({ powers: [powers(null, 'trail.read', ...actions)] })
  const wrapper = mount(TrailPage, { global: { plugins: [pinia, createAppRouter(createMemoryHistory()), createMessages('en')] } })
  await flushPromises()
  return wrapper
}

const cell = (wrapper: VueWrapper, row: number, column: number) => wrapper.findAll('tbody tr')[row]?.findAll('th, td')[column]?.get('.content')
const text = (wrapper: VueWrapper, row: number, column: number) => cell(wrapper, row, column)?.text().replace(/\s+/g, ' ')

afterEach(() => {
  vi.unstubAllGlobals()
})

it("calls partners' programs by their names and whose they are, beside their ids", async () => {
  const wrapper = await open()
  const named = `公交优待 Transport Bureau ${PROGRAM}`
  expect(text(wrapper, 0, 2)).toBe(named)
  expect(text(wrapper, 0, 3)).toBe(named)
  expect(text(wrapper, 1, 2)).toBe(named)
  expect(text(wrapper, 1, 3)).toBe('person:p1')
  // Users, and programs that nobody knows, stay what the entry says.
  expect(text(wrapper, 2, 2)).toBe('wu')
  expect(text(wrapper, 2, 3)).toBe('api_client:gone')
  expect(wrapper.find('tbody a').exists()).toBe(false)
})

it('leads to the page of a program where that may be seen', async () => {
  const wrapper = await open('client.read')
  for (const column of [2, 3]) expect(cell(wrapper, 0, column)?.get('a').attributes('href')).toBe('/console/clients/bus')
})
