import { mount, type VueWrapper } from '@vue/test-utils'
import { expect, it } from 'vitest'

import type { RoleName } from '@/api/types'
import { createMessages } from '@/locales'

import RoleChoice from './RoleChoice.vue'

function open(roles: RoleName[]): VueWrapper {
  return mount(RoleChoice, { props: { modelValue: roles }, global: { plugins: [createMessages('en')] } })
}

function barred(wrapper: VueWrapper): number {
  return wrapper.findAll('input:disabled').length
}

it('lets several roles be held, but none beside an administrator', () => {
  expect(barred(open([]))).toBe(0)
  expect(barred(open(['case_worker', 'finance_officer']))).toBe(3)
  expect(barred(open(['security_admin']))).toBe(7)
})

it('gives the roles in one order, whichever was chosen first', async () => {
  const wrapper = open(['finance_officer'])
  await wrapper.findAll('input').at(0)?.trigger('change')
  expect(wrapper.emitted('update:modelValue')?.at(-1)).toEqual([['case_worker', 'finance_officer']])
})
