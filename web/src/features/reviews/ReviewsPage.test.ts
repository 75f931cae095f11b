import { flushPromises, mount, type VueWrapper } from '@vue/test-utils'
import { createPinia, setActivePinia, type Pinia } from 'pinia'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createMemoryHistory, createRouter, type Router } from 'vue-router'

import type { Problem } from '@/api/types'
import { powers, session } from '@/app/stores/fixtures'
import { useSessionStore } from '@/app/stores/session'
import { createMessages } from '@/locales'

import { page, pair, person } from './fixtures'
import ReviewsPage from './ReviewsPage.vue'

const problem: Problem = { type: 'about:blank', title: 'The store is busy', status: 503, detail: 'Try again in a minute.', code: 'STORE-BUSY' }

let asked: URL[]
let waiting: ((response: Response) => void)[]
let pinia: Pinia
let router: Router
let wrapper: VueWrapper

async function respond(status: number, body: unknown): Promise<void> {
  const next = waiting.shift()
  if (!next) throw new Error('nothing was asked')
  next(new Response(JSON.stringify(body), { status, headers: { 'content-type': status < 400 ? 'application/json' : 'application/problem+json' } }))
  await flushPromises()
}

async function open(address: string, ...actions: string[]): Promise<void> {
  useSessionStore().session = session({ powers: [powers(null, 'person.search', ...actions)] })
  await router.push(address)
  wrapper = mount(ReviewsPage, { global: { plugins: [pinia, router, createMessages('en')] }, attachTo: document.body })
  await flushPromises()
}

/** What stands at a fact of each person, without its label. */
function fact(label: string): string[] {
  const rows = wrapper.findAll('dl > div').filter((row) => row.get('dt').text() === label)
  return rows.map((row) => row.get('dd').text())
}

beforeEach(() => {
  asked = []
  waiting = []
  vi.stubGlobal('fetch', (request: Request) => {
    asked.push(new URL(request.url, 'http://here'))
    return new Promise<Response>((resolve) => waiting.push(resolve))
  })
  pinia = createPinia()
  setActivePinia(pinia)
  router = createRouter({
    history: createMemoryHistory(),
    routes: [
      { path: '/reviews', name: 'reviews', component: ReviewsPage, meta: { title: '', action: 'person.search' } },
      { path: '/people/:personId', name: 'person', component: { template: '<i />' }, meta: { title: '', action: 'person.read' } },
    ],
  })
})
afterEach(() => {
  wrapper.unmount()
  vi.unstubAllGlobals()
})

describe('ReviewsPage', () => {
  it('shows a skeleton, and then both persons of each pair with the weight', async () => {
    await open('/reviews', 'person.read')
    expect(wrapper.find('.loading').exists()).toBe(true)
    expect(Object.fromEntries(asked[0]?.searchParams ?? [])).toEqual({ limit: '20' })
    await respond(200, page())
    expect(wrapper.find('.loading').exists()).toBe(false)
    expect(wrapper.get('h2').text()).toBe('Zhang San and Zhang San')
    expect(wrapper.text()).toContain('Match weight 2.1')
    expect(wrapper.text()).toContain('What the run for February 2024 has left open.')
    expect(wrapper.text()).toContain('cannot be decided yet')
    expect(wrapper.findAll('h3 a').map((link) => link.attributes('href'))).toEqual(['/people/P1', '/people/P2'])
    expect(fact('Records')).toEqual(['1 Vehicles', '2 Vehicles'])
    expect(wrapper.text()).toContain('Page 1, 1 in all')
  })

  it('says in words and by a sign what agrees and what differs', async () => {
    await open('/reviews')
    await respond(200, page())
    expect(wrapper.findAll('.summary li').map((line) => line.text())).toEqual([
      'Agree: Name, Sex, Division',
      'Differ: Date of birth',
      'Missing on a side at least: Identity number',
    ])
    expect(fact('Sex')).toEqual(['Male✓Agrees', 'Male✓Agrees'])
    expect(fact('Date of birth')).toEqual(['1950-01-03×Differs', '1950-01-30×Differs'])
    expect(fact('Identity number')).toEqual(['—Missing on a side', '440199********0014Missing on a side'])
  })

  it('leads to no file that may not be opened, and says why', async () => {
    await open('/reviews', 'person.read')
    await respond(200, page({ pairs: [pair({ other: person({ person_id: 'P2', name: '' }, false) })] }))
    expect(wrapper.findAll('h3 a')).toHaveLength(1)
    expect(wrapper.findAll('h3').at(1)?.text()).toBe('(no name)')
    expect(wrapper.text()).toContain('You cannot open this person’s file.')
    wrapper.unmount()
    await open('/reviews')
    await respond(200, page())
    expect(wrapper.find('h3 a').exists()).toBe(false)
    expect(wrapper.text()).not.toContain('You cannot open this person’s file.')
  })

  it('takes the division from the address, and says that there is nothing in it', async () => {
    await open('/reviews?division=440104')
    expect(asked[0]?.searchParams.get('division')).toBe('440104')
    await respond(200, page({ pairs: [], total: 0 }))
    expect(wrapper.text()).toContain('No records in this division that may be one person')
    expect(wrapper.text()).not.toContain('none is in doubt')
    expect(wrapper.find('.pager').exists()).toBe(false)
  })

  it('says that nothing is open, and that nothing has been published', async () => {
    await open('/reviews')
    await respond(200, page({ pairs: [], total: 0 }))
    expect(wrapper.text()).toContain('No records that may be one person')
    expect(wrapper.text()).toContain('none is in doubt')
    wrapper.unmount()
    await open('/reviews')
    await respond(200, page({ period: null, pairs: [], total: 0 }))
    expect(wrapper.text()).toContain('No period has been published yet')
    expect(wrapper.text()).not.toContain('in doubt')
  })

  it('says to whoever comes from an older month that pairs are those of now', async () => {
    await open('/reviews?period=2024-01')
    await respond(200, page())
    expect(wrapper.get('.notice').text()).toBe('You come from January 2024; shown is what is open now, after the run for February 2024.')
    wrapper.unmount()
    await open('/reviews?period=2024-02')
    await respond(200, page())
    expect(wrapper.find('.notice').exists()).toBe(false)
  })

  it('shows the problem with its code, and loads again on request', async () => {
    await open('/reviews')
    await respond(503, problem)
    expect(wrapper.get('[role=alert]').text()).toContain('STORE-BUSY')
    await wrapper.get('[role=alert] button').trigger('click')
    await flushPromises()
    await respond(200, page())
    expect(wrapper.find('[role=alert]').exists()).toBe(false)
    expect(wrapper.findAll('article')).toHaveLength(1)
  })

  it('turns the page with the cursor that the page before gave', async () => {
    await open('/reviews')
    await respond(200, page({ total: 21, next: '2.10~00ff:subject' }))
    await wrapper.findAll('.pager button').at(1)?.trigger('click')
    await flushPromises()
    expect(asked.at(-1)?.searchParams.get('cursor')).toBe('2.10~00ff:subject')
    await respond(200, page({ total: 21, pairs: [pair({ record_id: '01:subject' })] }))
    expect(wrapper.text()).toContain('Page 2, 21 in all')
  })
})
