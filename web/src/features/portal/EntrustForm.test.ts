import { flushPromises, mount, type VueWrapper } from '@vue/test-utils'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'

import { createMessages } from '@/locales'

import EntrustForm from './EntrustForm.vue'

const asked: { body: unknown; key: string | null }[] = []
let answer: [number, unknown]
let wrapper: VueWrapper

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.parse('2024-10-05T17:00:00Z') })
  asked.length = 0
  vi.stubGlobal('fetch', async (request: Request) => {
    asked.push({ body: await request.json(), key: request.headers.get('idempotency-key') })
    return new Response(JSON.stringify(answer[1]), { status: answer[0], headers: { 'content-type': 'application/json' } })
  })
  wrapper = mount(EntrustForm, { props: { personId: 'p1' }, global: { plugins: [createMessages('en')] }, attachTo: document.body })
  await wrapper.findAll('input')[0]?.setValue('王强')
  await wrapper.findAll('input')[1]?.setValue('440104 19800101 001x')
})
afterEach(() => {
  wrapper.unmount()
  vi.unstubAllGlobals()
  vi.useRealTimers()
})

async function submit(): Promise<void> {
  await wrapper.get('form').trigger('submit')
  await flushPromises()
}

it('asks until the end of a day in the city, a year less a day ahead', async () => {
  answer = [201, {}]
  await submit()
  // In the city it is the 6th of October already.
  expect(asked[0]?.body).toEqual({ id_number: '44010419800101001X', name: '王强', until: '2025-10-05T16:00:00.000Z' })
  expect(asked[0]?.key).toMatch(/^[0-9a-f]{32}$/)
  expect(wrapper.emitted('made')).toHaveLength(1)
  expect(wrapper.findAll('input')[1]?.element.value).toBe('')
})

it('keeps what was filled in when it is refused', async () => {
  answer = [400, { code: 'REPRESENTATIVE-UNKNOWN' }]
  await submit()
  expect(wrapper.get('[role=alert]').text()).toContain('There is no such person')
  expect(wrapper.findAll('input')[0]?.element.value).toBe('王强')
  expect(wrapper.emitted('made')).toBeUndefined()
})

it('sends nothing without a day, and says so there', async () => {
  const day = wrapper.get('input[type=date]')
  await day.setValue('')
  await submit()
  expect(asked).toEqual([])
  expect(day.attributes('aria-invalid')).toBe('true')
})
