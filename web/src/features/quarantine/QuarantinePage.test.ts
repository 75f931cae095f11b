import { flushPromises, mount, type VueWrapper } from '@vue/test-utils'
import { createPinia, setActivePinia, type Pinia } from 'pinia'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createMemoryHistory, createRouter, type Router } from 'vue-router'

import type { Meta, Problem, QuarantinePage as Page } from '@/api/types'
import { useMetaStore } from '@/app/stores/meta'
import { createMessages } from '@/locales'

import QuarantinePage from './QuarantinePage.vue'

const meta: Meta = {
  city: { zh: '某市', en: 'Some City' },
  periods: ['2024-02', '2024-01'],
  code_version: '0.1.0',
  datasets: [{ id: 'vehicle', name: { zh: '机动车', en: 'Vehicles' }, department: { zh: '交警', en: 'Traffic police' } }],
  policies: [],
  districts: [],
  quarantine_codes: [{ code: 'ID-CHECK', name: { zh: '校验码不符', en: 'Check character does not match' } }],
}

function page(different: Partial<Page> = {}): Page {
  return {
    rows: [
      {
        delivery_id: 'd1',
        dataset: 'vehicle',
        dataset_name: { zh: '机动车', en: 'Vehicles' },
        file: 'vehicle.csv',
        line: 1204,
        codes: [{ code: 'ID-CHECK', name: { zh: '校验码不符', en: 'Check character does not match' } }],
        columns: ['证件号码'],
        original: '440199********0014',
        received: '2024-03-02',
      },
    ],
    total: 1,
    next: null,
    ...different,
  }
}

const problem: Problem = { type: 'about:blank', title: 'The store is busy', status: 503, detail: 'Try again in a minute.', code: 'STORE-BUSY' }

type Answer = (response: Response) => void
let asked: URL[]
let waiting: Answer[]
let pinia: Pinia
let router: Router
let wrapper: VueWrapper

async function respond(status: number, body: unknown): Promise<void> {
  const next = waiting.shift()
  if (!next) throw new Error('nothing was asked')
  next(new Response(JSON.stringify(body), { status, headers: { 'content-type': status < 400 ? 'application/json' : 'application/problem+json' } }))
  await flushPromises()
}

async function open(address: string): Promise<void> {
  await router.push(address)
  wrapper = mount(QuarantinePage, { global: { plugins: [pinia, router, createMessages('en')] }, attachTo: document.body })
  await flushPromises()
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
  useMetaStore().meta = meta
  router = createRouter({ history: createMemoryHistory(), routes: [{ path: '/q', component: QuarantinePage }] })
})
afterEach(() => {
  wrapper.unmount()
  vi.unstubAllGlobals()
})

describe('QuarantinePage', () => {
  it('asks for the newest period and shows a skeleton until the answer is there', async () => {
    await open('/q')
    expect(wrapper.find('.loading').exists()).toBe(true)
    expect(asked[0]?.searchParams.get('period')).toBe('2024-02')
    await respond(200, page())
    expect(wrapper.find('.loading').exists()).toBe(false)
    expect(wrapper.get('tbody').text()).toContain('Check character does not match')
    expect(wrapper.get('tbody').text()).toContain('line 1,204')
    expect(wrapper.text()).toContain('Page 1, 1 in all')
  })

  it('takes period and filters from the address', async () => {
    await open('/q?period=2024-01&dataset=vehicle&code=ID-CHECK')
    expect(Object.fromEntries(asked[0]?.searchParams ?? [])).toEqual({ period: '2024-01', dataset: 'vehicle', code: 'ID-CHECK', limit: '50' })
  })

  it('says that the period has no such rows, and not that a filter hides them', async () => {
    await open('/q')
    await respond(200, page({ rows: [], total: 0 }))
    expect(wrapper.text()).toContain('No quarantined rows in this period')
    expect(wrapper.find('tbody').exists()).toBe(false)
  })

  it('offers to clear the filters when they leave nothing', async () => {
    await open('/q?dataset=vehicle')
    await respond(200, page({ rows: [], total: 0 }))
    expect(wrapper.text()).toContain('No rows match the filters')
    await wrapper.get('button.clear').trigger('click')
    await flushPromises()
    expect(asked.at(-1)?.searchParams.has('dataset')).toBe(false)
  })

  it('shows the problem with its code, and loads again on request', async () => {
    await open('/q')
    await respond(503, problem)
    expect(wrapper.get('[role=alert]').text()).toContain('The store is busy')
    expect(wrapper.get('[role=alert]').text()).toContain('STORE-BUSY')
    await wrapper.get('[role=alert] button').trigger('click')
    await flushPromises()
    await respond(200, page())
    expect(wrapper.find('[role=alert]').exists()).toBe(false)
    expect(wrapper.findAll('tbody tr')).toHaveLength(1)
  })

  it('turns the page with the cursor that the page before gave', async () => {
    await open('/q')
    await respond(200, page({ total: 51, next: 'c1' }))
    const next = wrapper.findAll('.pager button').at(1)
    expect(next?.text()).toBe('Next')
    await next?.trigger('click')
    await flushPromises()
    expect(asked.at(-1)?.searchParams.get('cursor')).toBe('c1')
    await respond(200, page({ total: 51 }))
    expect(wrapper.text()).toContain('Page 2, 51 in all')
  })
})
