import { flushPromises, mount, type VueWrapper } from '@vue/test-utils'
import { createPinia, setActivePinia, type Pinia } from 'pinia'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { createMemoryHistory, createRouter, type Router } from 'vue-router'

import { affiliated } from '@/app/stores/fixtures'
import { createMessages } from '@/locales'

import SignInCard from './SignInCard.vue'

const asked: [string, unknown][] = []
const answers: [number, unknown][] = []
let pinia: Pinia
let router: Router
let wrapper: VueWrapper

const WHO = { id_number: '44010419500101001X', name: '王芳', phone: '13800138000' }
const SENT = { expires_in_s: 300, again_in_s: 60 }

async function submit(): Promise<void> {
  await wrapper.get('form').trigger('submit')
  await flushPromises()
}

function inputs() {
  return wrapper.findAll('input')
}

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'Date'] })
  asked.length = 0
  answers.length = 0
  vi.stubGlobal('fetch', async (request: Request) => {
    asked.push([new URL(request.url).pathname, await request.json()])
    const [status, body] = answers.shift() ?? [500, {}]
    return new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json' } })
  })
  pinia = createPinia()
  setActivePinia(pinia)
  const page = { template: '<i />' }
  router = createRouter({ history: createMemoryHistory(), routes: [{ path: '/', component: page }, { path: '/my/:personId', name: 'affairs', component: page }] })
  await router.push('/')
  wrapper = mount(SignInCard, { global: { plugins: [pinia, router, createMessages('en')] }, attachTo: document.body })
  await inputs()[0]?.setValue('440104 19500101 001x')
  await inputs()[1]?.setValue('王芳')
  await inputs()[2]?.setValue('138 0013 8000')
})
afterEach(() => {
  wrapper.unmount()
  vi.unstubAllGlobals()
  vi.useRealTimers()
})

it('says at the field what is wrong with it, and goes there', async () => {
  answers.push([400, { code: 'PHONE-INVALID' }])
  await submit()
  const phone = wrapper.get('input[autocomplete=tel]')
  expect(phone.attributes('aria-invalid')).toBe('true')
  expect(document.activeElement).toBe(phone.element)
  const error = wrapper.get('[role=alert]')
  expect(error.text()).toContain('This is no mobile number')
  expect(phone.attributes('aria-describedby')).toContain(error.attributes('id'))
})

it('says in the form what is wrong with none of the fields', async () => {
  answers.push([503, { code: 'SMS-UNAVAILABLE' }])
  await submit()
  expect(wrapper.get('[role=alert]').text()).toContain('No messages can be sent now')
  expect(wrapper.findAll('[aria-invalid=true]')).toEqual([])
})

it('signs in with the code, after a wrong one as well', async () => {
  answers.push([202, SENT], [401, { code: 'CITIZEN-CREDENTIALS' }], [200, { people: [affiliated()] }])
  await submit()
  expect(asked[0]).toEqual(['/api/v1/citizen/codes', WHO])
  const code = wrapper.get<HTMLInputElement>('input[autocomplete=one-time-code]')
  expect(code.attributes('inputmode')).toBe('numeric')
  expect(document.activeElement).toBe(code.element)
  await code.setValue('000000')
  await submit()
  expect(wrapper.get('[role=alert]').text()).toContain('The code is wrong')
  expect(code.element.value).toBe('')
  await code.setValue('123 456')
  await submit()
  expect(asked.at(-1)).toEqual(['/api/v1/citizen/session', { ...WHO, code: '123456' }])
  expect(router.currentRoute.value.path).toBe('/my/p1')
})

it('sends another code after a while, and not before', async () => {
  answers.push([202, SENT], [202, SENT])
  await submit()
  const again = wrapper.findAll('button').find((button) => button.text().startsWith('Another code in 60 s'))
  expect(again?.attributes('disabled')).toBeDefined()
  vi.advanceTimersByTime(60_000)
  await flushPromises()
  expect(again?.attributes('disabled')).toBeUndefined()
  await again?.trigger('click')
  await flushPromises()
  expect(asked.map(([path]) => path)).toEqual(['/api/v1/citizen/codes', '/api/v1/citizen/codes'])
  expect(wrapper.get('[role=status]').text()).toContain('a new code is on its way')
  expect(again?.attributes('disabled')).toBeDefined()
})

it('goes back with what was filled in', async () => {
  answers.push([202, SENT])
  await submit()
  await wrapper.findAll('button').at(-1)?.trigger('click')
  await flushPromises()
  expect(inputs().map((input) => input.element.value)).toEqual([WHO.id_number, WHO.name, WHO.phone])
  expect(document.activeElement).toBe(wrapper.get('h2').element)
})
