import { flushPromises, mount, type VueWrapper } from '@vue/test-utils'
import { createPinia, setActivePinia, type Pinia } from 'pinia'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { defineComponent, h } from 'vue'
import { createMemoryHistory, createRouter, type Router } from 'vue-router'

import type { DivisionInfo, Meta, Organisation } from '@/api/types'
import { createMessages } from '@/locales'

import DivisionStrip from './DivisionStrip.vue'
import { powers, session } from './stores/fixtures'
import { useMetaStore } from './stores/meta'
import { useSessionStore } from './stores/session'
import { useDivisions } from './useDivisions'

const meta: Meta = {
  city: { zh: '某市', en: 'Some City' },
  periods: [],
  code_version: '0.1.0',
  datasets: [],
  policies: [],
  districts: [
    { code: '440104', name: { zh: '东区', en: 'East' } },
    { code: '440106', name: { zh: '西区', en: 'West' } },
  ],
  quarantine_codes: [],
}
const city: Organisation = { organisation_id: 'ca-4401', name: { zh: '某市民政局', en: 'Bureau' }, kind: 'civil_affairs', level: 'city', division: '4401', parent: null }
const street: Organisation = { organisation_id: 'ca-440104001', name: { zh: '一街道', en: 'First Street' }, kind: 'civil_affairs', level: 'street', division: '440104001', parent: 'ca-440104' }

const divisions: DivisionInfo[] = [
  { code: '440104', name: { zh: '东区', en: 'East' }, level: 'district' },
  { code: '440104001', name: { zh: '一街道', en: 'First' }, level: 'street' },
  { code: '440106', name: { zh: '西区', en: 'West' }, level: 'district' },
]

const asked: string[] = []
let fails = false
let pinia: Pinia
let router: Router
let wrapper: VueWrapper

async function open(address: string, { organisation = city, narrows = true, whole = false, actions = ['meta.read'] } = {}): Promise<void> {
  useSessionStore().session = session({
    user: { username: 'wu', display_name: '吴', roles: ['auditor'], organisation },
    powers: [powers(null, ...actions)],
  })
  await router.push(address)
  const page = defineComponent({
    setup() {
      const divisions = useDivisions()
      return () => h(DivisionStrip, { divisions, narrows, whole })
    },
  })
  wrapper = mount(page, { global: { plugins: [pinia, router, createMessages('en')] }, attachTo: document.body })
  await flushPromises()
}

beforeEach(() => {
  asked.length = 0
  fails = false
  vi.stubGlobal('fetch', (request: Request) => {
    asked.push(new URL(request.url).pathname)
    const own = useSessionStore().user?.organisation?.division ?? ''
    return Promise.resolve(fails ? Response.json({ code: 'INTERNAL' }, { status: 500 }) : Response.json({ divisions: divisions.filter((each) => each.code.startsWith(own)) }))
  })
  pinia = createPinia()
  setActivePinia(pinia)
  useMetaStore().meta = meta
  router = createRouter({ history: createMemoryHistory(), routes: [{ path: '/', component: { template: '<i />' }, meta: { title: '' } }] })
})
afterEach(() => {
  wrapper.unmount()
  vi.unstubAllGlobals()
})

describe('DivisionStrip', () => {
  it('says what the page is narrowed to, and leads back to the whole, as the back key does', async () => {
    await open('/?period=2024-01')
    await router.push('/?period=2024-01&division=440104')
    await flushPromises()
    expect(wrapper.get('.chip').text()).toBe('Only East')
    await wrapper.get('.chip button').trigger('click')
    await flushPromises()
    expect(router.currentRoute.value.fullPath).toBe('/?period=2024-01')
    expect(wrapper.find('.chip').exists()).toBe(false)
    router.back()
    await flushPromises()
    await vi.waitFor(() => {
      expect(wrapper.get('.chip').text()).toBe('Only East')
    })
  })

  it('says so where the page shows the whole all the same', async () => {
    await open('/?division=440104', { narrows: false, whole: true })
    expect(wrapper.get('.not-here').text()).toContain('cannot be narrowed')
    wrapper.unmount()
    await open('/?division=440104', { narrows: false })
    expect(wrapper.find('.not-here').exists()).toBe(false)
  })

  it('reads streets only when one is wanted, and names it', async () => {
    await open('/?division=440104')
    expect(asked).toEqual([])
    wrapper.unmount()
    await open('/?division=440104001')
    expect(asked).toEqual(['/api/v1/divisions'])
    expect(wrapper.get('.chip').text()).toBe('Only First')
  })

  it('reads streets at once for those who have nothing else to choose', async () => {
    await open('/', { organisation: { ...city, level: 'district', division: '440104' } })
    expect(asked).toEqual(['/api/v1/divisions'])
    expect(wrapper.find('.switch').exists()).toBe(true)
    wrapper.unmount()
    await open('/?division=440104001', { organisation: { ...city, level: 'district', division: '440104' } })
    expect(wrapper.get('.chip').text()).toBe('Only First')
  })

  it('stays where streets were not loaded, so that they can be asked for again', async () => {
    fails = true
    await open('/', { organisation: { ...city, level: 'district', division: '440104' } })
    expect(wrapper.find('.switch').exists()).toBe(true)
  })

  it('asks for nothing without leave, and has the code of a street then', async () => {
    await open('/?division=440104001', { actions: [] })
    expect(asked).toEqual([])
    expect(wrapper.get('.chip').text()).toBe('Only 440104001')
  })

  it('offers no choice to those who are responsible for one division', async () => {
    await open('/', { organisation: { ...street } })
    expect(asked).toEqual(['/api/v1/divisions'])
    expect(wrapper.find('.strip').exists()).toBe(false)
  })

  it('takes one’s own division, and what lies above it, for the whole', async () => {
    await open('/?division=4401')
    expect(wrapper.find('.chip').exists()).toBe(false)
    wrapper.unmount()
    await open('/?division=440104', { organisation: { ...city, level: 'district', division: '440104' } })
    expect(wrapper.find('.chip').exists()).toBe(false)
  })
})
