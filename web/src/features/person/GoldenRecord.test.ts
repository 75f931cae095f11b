import { flushPromises, mount, type VueWrapper } from '@vue/test-utils'
import { createPinia, setActivePinia, type Pinia } from 'pinia'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'

import type { Attribute } from '@/api/types'
import { powers, session } from '@/app/stores/fixtures'
import { useSessionStore } from '@/app/stores/session'
import { createMessages } from '@/locales'

import GoldenRecord from './GoldenRecord.vue'

function attribute(different: Partial<Attribute>): Attribute {
  return {
    attribute: 'phone',
    name: { zh: '电话', en: 'Telephone' },
    value: '138****0001',
    label: null,
    level: 4,
    record_id: 'r1',
    dataset: 'd1',
    dataset_name: { zh: '来源', en: 'Source' },
    why: { zh: '唯一', en: 'The only one' },
    competing: [],
    ...different,
  }
}

const asked: { url: string; body: unknown }[] = []
let pinia: Pinia
let wrapper: VueWrapper

function open(...actions: string[]): void {
  useSessionStore().session = session({ powers: [powers('casework', ...actions)] })
  wrapper = mount(GoldenRecord, {
    props: { personId: 'p1', attributes: [attribute({}), attribute({ attribute: 'birth_date', level: 3, value: '1950-01-01' }), attribute({ attribute: 'account', value: null })] },
    global: { plugins: [pinia, createMessages('en')] },
    attachTo: document.body,
  })
}

beforeEach(() => {
  asked.length = 0
  vi.stubGlobal('fetch', async (request: Request) => {
    asked.push({ url: request.url, body: await request.json() })
    return new Response(JSON.stringify({ attribute: 'phone', value: '13800000001' }), { headers: { 'content-type': 'application/json' } })
  })
  pinia = createPinia()
  setActivePinia(pinia)
})
afterEach(() => {
  wrapper.unmount()
  document.body.innerHTML = ''
  vi.unstubAllGlobals()
})

it('offers nothing in full to those who may not see it', () => {
  open('person.read')
  expect(wrapper.find('button.reveal').exists()).toBe(false)
})

it('shows a sensitive value in full only for a reason, and only that one', async () => {
  open('person.read', 'person.reveal')
  // Neither what is not masked nor what has no value.
  expect(wrapper.findAll('button.reveal')).toHaveLength(1)
  await wrapper.get('button.reveal').trigger('click')
  await flushPromises()
  const dialog = document.querySelector('[role=dialog]')
  expect(dialog?.textContent).toContain('written into the audit trail')
  const submit = dialog?.querySelector<HTMLButtonElement>('button[type=submit]')
  expect(submit?.disabled).toBe(true)
  const reason = dialog?.querySelector('textarea')
  reason!.value = ' the bank sent it back '
  reason!.dispatchEvent(new Event('input'))
  await flushPromises()
  expect(submit?.disabled).toBe(false)
  dialog?.querySelector('form')?.dispatchEvent(new Event('submit', { cancelable: true }))
  await flushPromises()
  await flushPromises()
  expect(asked.at(-1)?.url).toContain('/api/v1/people/p1/reveal')
  expect(asked.at(-1)?.body).toEqual({ attribute: 'phone', reason: 'the bank sent it back' })
  expect(wrapper.text()).toContain('13800000001')
  expect(wrapper.find('button.reveal').exists()).toBe(false)
})
