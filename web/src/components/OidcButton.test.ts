import { flushPromises, mount } from '@vue/test-utils'
import { afterEach, expect, it, vi } from 'vitest'

import { createMessages } from '@/locales'

import OidcButton from './OidcButton.vue'

type Answer = [number, unknown]

const asked: [string, string, unknown][] = []

async function shown(answers: Answer[]) {
  asked.length = 0
  vi.stubGlobal('fetch', async (request: Request) => {
    asked.push([request.method, new URL(request.url).pathname, request.method === 'POST' ? await request.json() : null])
    const [status, body] = answers.shift() ?? [500, {}]
    return new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json' } })
  })
  const wrapper = mount(OidcButton, { props: { whom: 'staff', next: '/console/lists' }, global: { plugins: [createMessages('en')] } })
  await flushPromises()
  return wrapper
}

const OFFERS = { staff: { name: { zh: '统一身份认证', en: 'Unified identity' } }, citizens: null }

afterEach(() => {
  vi.unstubAllGlobals()
})

it('is there only where the server offers it', async () => {
  expect((await shown([[200, { staff: null, citizens: OFFERS.staff }]])).find('button').exists()).toBe(false)
  expect((await shown([[500, {}]])).find('button').exists()).toBe(false)
  expect((await shown([[200, OFFERS]])).get('button').text()).toBe('Sign in with Unified identity')
})

it('goes where the server says, and says why it does not', async () => {
  const wrapper = await shown([
    [200, OFFERS],
    [503, { code: 'OIDC-UNAVAILABLE' }],
    [201, { location: 'https://id.example.gov.cn/auth' }],
  ])
  const assign = vi.spyOn(window.location, 'assign').mockImplementation(() => undefined)
  await wrapper.get('button').trigger('click')
  await flushPromises()
  expect(asked.at(-1)).toEqual(['POST', '/api/v1/oidc/staff/attempts', { next: '/console/lists' }])
  expect(wrapper.get('[role=alert]').text()).toContain('OIDC-UNAVAILABLE')
  expect(assign).not.toHaveBeenCalled()
  await wrapper.get('button').trigger('click')
  await flushPromises()
  expect(wrapper.find('[role=alert]').exists()).toBe(false)
  expect(assign).toHaveBeenCalledWith('https://id.example.gov.cn/auth')
})
