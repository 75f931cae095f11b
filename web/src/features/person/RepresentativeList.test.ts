import { flushPromises, mount, type VueWrapper } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { createMemoryHistory } from 'vue-router'

import { createAppRouter } from '@/app/router'
import { powers, session } from '@/app/stores/fixtures'
import { useSessionStore } from '@/app/stores/session'
import { createMessages } from '@/locales'

import RepresentativeList from './RepresentativeList.vue'

const LIST = {
  representatives: [
    { representation_id: 'r1', person_id: 'p2', name: '王强', kind: 'guardian', until: '2027-11-26T16:00:00Z', basis: '出生医学证明', made_at: '2026-11-27T00:00:00Z' },
  ],
}
let wrapper: VueWrapper | undefined

/** The section as somebody sees it who may do these acts. */
async function show(...actions: string[]): Promise<VueWrapper> {
  const pinia = createPinia()
  setActivePinia(pinia)
  useSessionStore().session = session({ powers: [powers('casework', ...actions)] })
  wrapper = mount(RepresentativeList, { props: { personId: 'p1' }, global: { plugins: [pinia, createAppRouter(createMemoryHistory()), createMessages('en')] } })
  await flushPromises()
  return wrapper
}

beforeEach(() => {
  vi.stubGlobal('fetch', () => Promise.resolve(new Response(JSON.stringify(LIST), { headers: { 'content-type': 'application/json' } })))
})
afterEach(() => {
  wrapper?.unmount()
  vi.unstubAllGlobals()
})

it('lists who may act, until when and on what paper, with a way to their file', async () => {
  const text = (await show('person.read', 'representation.read')).text()
  for (const word of ['Guardian', '2027-11-26', '出生医学证明']) expect(text).toContain(word)
  expect(wrapper?.get('a').attributes('href')).toBe('/console/people/p2')
  expect(wrapper?.findAll('button')).toEqual([])
})

it('lets those add and end who may, and leads nobody where they may not go', async () => {
  const names = (await show('representation.read', 'representation.change')).findAll('button').map((button) => button.attributes('aria-label') ?? button.text())
  expect(names).toEqual(['Add', 'End: 王强'])
  expect(wrapper?.find('a').exists()).toBe(false)
})
