import { flushPromises, mount, type VueWrapper } from '@vue/test-utils'
import { createPinia, setActivePinia, type Pinia } from 'pinia'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { createMemoryHistory, createRouter, type Router } from 'vue-router'

import { session } from '@/app/stores/fixtures'
import { createMessages } from '@/locales'

import SignInPage from './SignInPage.vue'

const asked: unknown[] = []
const answers: [number, unknown][] = []
let pinia: Pinia
let router: Router
let wrapper: VueWrapper

async function submit(): Promise<void> {
  await wrapper.get('form').trigger('submit')
  await flushPromises()
}

const valueOf = (id: string): string => wrapper.get<HTMLInputElement>(`#${id}`).element.value

beforeEach(async () => {
  asked.length = 0
  answers.length = 0
  vi.stubGlobal('fetch', async (request: Request) => {
    asked.push(await request.json())
    const [status, body] = answers.shift() ?? [500, {}]
    return new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json' } })
  })
  pinia = createPinia()
  setActivePinia(pinia)
  const page = { template: '<i />' }
  router = createRouter({ history: createMemoryHistory(), routes: [{ path: '/sign-in', component: SignInPage }, { path: '/console', component: page }] })
  await router.push('/sign-in')
  wrapper = mount(SignInPage, { global: { plugins: [pinia, router, createMessages('en')] }, attachTo: document.body })
  await flushPromises()
  await wrapper.get('#username').setValue('wu')
  await wrapper.get('#password').setValue('secret')
})
afterEach(() => {
  wrapper.unmount()
  vi.unstubAllGlobals()
})

it('asks for a code when the account has a second factor, and keeps what was typed', async () => {
  answers.push([401, { code: 'AUTH-CODE-NEEDED' }], [401, { code: 'AUTH-CODE' }], [200, session()])
  await submit()
  expect(asked).toEqual([{ username: 'wu', password: 'secret' }])
  expect(wrapper.find('[role=alert]').exists()).toBe(false)
  const code = wrapper.get('#code')
  expect(code.attributes('autocomplete')).toBe('one-time-code')
  expect(document.activeElement).toBe(code.element)
  expect([valueOf('username'), valueOf('password')]).toEqual(['wu', 'secret'])

  await code.setValue('123456')
  await submit()
  expect(wrapper.get('[role=alert]').text()).toContain('Wrong code')
  expect([valueOf('password'), valueOf('code')]).toEqual(['secret', ''])

  await wrapper.get('#code').setValue('abcd-efgh-jkmn')
  await submit()
  expect(asked.at(-1)).toEqual({ username: 'wu', password: 'secret', code: 'abcd-efgh-jkmn' })
  expect(router.currentRoute.value.path).toBe('/console')
})

it('asks for no code with a wrong password', async () => {
  answers.push([401, { code: 'AUTH-CREDENTIALS' }])
  await submit()
  expect(wrapper.find('#code').exists()).toBe(false)
  expect(valueOf('password')).toBe('')
  expect(wrapper.get('[role=alert]').text()).toContain('AUTH-CREDENTIALS')
})
