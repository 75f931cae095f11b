import { mount, type VueWrapper } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import { expect, it } from 'vitest'
import { createMemoryHistory } from 'vue-router'

import { createAppRouter } from '@/app/router'
import { powers, session } from '@/app/stores/fixtures'
import { useSessionStore } from '@/app/stores/session'

import SubjectLink from './SubjectLink.vue'

function link(subject: string, ...actions: string[]): VueWrapper {
  const pinia = createPinia()
  setActivePinia(pinia)
  useSessionStore().session = session({ powers: [powers(null, ...actions)] })
  return mount(SubjectLink, { props: { subject }, global: { plugins: [pinia, createAppRouter(createMemoryHistory())] } })
}

it.each([
  ['person:p1', 'person.read', '/console/people/p1'],
  ['user:wu', 'user.read', '/console/accounts/wu'],
  ['api_client:bus.4401', 'client.read', '/console/clients/bus.4401'],
])('leads from %s to its page, where that may be seen', (subject, action, address) => {
  const shown = link(subject, action)
  expect(shown.get('a').attributes('href')).toBe(address)
  expect(shown.text()).toBe(subject)
  expect(link(subject, 'trail.read').find('a').exists()).toBe(false)
})

it.each(['user:unknown', 'batch:7', 'nothing'])('leaves %s as it is', (subject) => {
  const shown = link(subject, 'user.read')
  expect(shown.find('a').exists()).toBe(false)
  expect(shown.text()).toBe(subject)
})
