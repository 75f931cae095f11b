import { flushPromises, mount, type VueWrapper } from '@vue/test-utils'
import { createPinia, setActivePinia, type Pinia } from 'pinia'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { createMemoryHistory, createRouter, type Router } from 'vue-router'

import type { Overview } from '@/api/types'
import { session } from '@/app/stores/fixtures'
import { useMetaStore } from '@/app/stores/meta'
import { useSessionStore } from '@/app/stores/session'
import { createMessages } from '@/locales'

import OverviewPage from './OverviewPage.vue'

function overview(division: string | null): Overview {
  const persons = division === null ? 5000 : 12
  return {
    period: '2024-01',
    division,
    run: { run_id: 'r1', known_at: '2024-02-02', pack_hash: '', code_version: '', published_at: null, steps: [] },
    totals: { persons, households: 3, records: 20, links_uncertain: 1, quarantined: 7, alive: 11, dead: 1, uncertain: 0 },
    deliveries: [],
    policies: [],
    districts: [],
  }
}

const asked: (string | null)[] = []
let pinia: Pinia
let router: Router
let wrapper: VueWrapper

beforeEach(async () => {
  asked.length = 0
  vi.stubGlobal('fetch', (request: Request) => {
    const division = new URL(request.url).searchParams.get('division')
    asked.push(division)
    return Promise.resolve(Response.json(overview(division)))
  })
  pinia = createPinia()
  setActivePinia(pinia)
  useSessionStore().session = session()
  useMetaStore().meta = { city: { zh: '某市', en: 'Some City' }, periods: ['2024-01'], code_version: '0.1.0', datasets: [], policies: [], districts: [], quarantine_codes: [] }
  const page = { template: '<i />' }
  router = createRouter({
    history: createMemoryHistory(),
    routes: ['overview', 'people', 'quarantine', 'lists'].map((name) => ({ path: `/${name}`, name, component: page, meta: { title: '' } })),
  })
  await router.push('/overview')
  const stubs = { RunDetails: true, PolicyResults: true, DistrictResults: true, DeliveryAccounts: true }
  wrapper = mount(OverviewPage, { global: { plugins: [pinia, router, createMessages('en')], stubs } })
  await flushPromises()
})
afterEach(() => {
  wrapper.unmount()
  vi.unstubAllGlobals()
})

it('shows the whole city, and of a division its own figures, saying what is the whole city’s all the same', async () => {
  expect(wrapper.text()).toContain('5,000')
  expect(wrapper.text()).not.toContain('whole city')
  await router.push('/overview?division=440104')
  await flushPromises()
  expect(asked).toEqual([null, '440104'])
  expect(wrapper.get('.tile').text()).toContain('12')
  expect(wrapper.get('.notice').text()).toContain('Totals and policies are those of the chosen division')
  expect(wrapper.text()).toContain('Quarantined rows7Of the whole city')
})
