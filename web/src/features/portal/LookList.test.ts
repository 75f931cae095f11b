import { mount } from '@vue/test-utils'
import { expect, it } from 'vitest'

import type { Look, StandingName } from '@/api/types'
import { ACTS } from '@/features/trail/acts'
import type { Locale } from '@/lib/format'
import { createMessages } from '@/locales'

import { look } from './fixtures'
import LookList from './LookList.vue'

function entry(different: Partial<Look> = {}, standing: StandingName = 'self', locale: Locale = 'zh'): string {
  const wrapper = mount(LookList, { props: { looks: [look(different)], standing }, global: { plugins: [createMessages(locale)] } })
  return wrapper.get('li').text().replace(/\s+/g, ' ')
}

const by = (kind: Look['by']['kind']): Look['by'] => ({ kind, organisation: null, roles: [] })

it('says when, which office, what and what for', () => {
  const text = entry()
  for (const word of ['2024-10-05 09:12', '某区民政局 · 经办', '查看个人档案', '用途：业务经办']) expect(text).toContain(word)
  expect(entry({}, 'self', 'en')).toContain('District bureau · Case worker')
})

it.each([
  ['self', 'self', '您本人'],
  ['representative', 'self', '您的代办人'],
  ['program', 'self', '系统'],
  ['self', 'guardian', '其本人'],
  ['representative', 'guardian', '代办人（包括您）'],
  ['staff', 'self', '工作人员'],
] as const)('calls %s as seen by %s %s', (kind, standing, name) => {
  expect(entry({ by: by(kind) }, standing)).toContain(name)
})

it('says whose program asked, under an agreement', () => {
  const asked = { what: 'verification.ask', purpose: 'agreement', by: { ...by('partner'), organisation: { zh: '教育局', en: 'Education Bureau' } } }
  for (const standing of ['self', 'guardian'] as const) {
    for (const word of ['教育局的系统（依数据共享协议）', '合作单位核验是否享受待遇', '用途：履行数据共享协议']) expect(entry(asked, standing)).toContain(word)
  }
  expect(entry(asked, 'self', 'en')).toContain('A program of the Education Bureau, under a data-sharing agreement')
  const named = { ...asked, by: { ...asked.by, program: '助学系统' } }
  expect(entry(named)).toContain('教育局的“助学系统”（依数据共享协议）')
  expect(entry(named, 'self', 'en')).toContain('助学系统, a program of the Education Bureau, under a data-sharing agreement')
  expect(entry({ by: by('partner') })).toContain('其他单位的系统（依数据共享协议）')
})

it.each(['self', 'guardian', 'entrusted', 'casework', 'policy_work', 'payment', 'data_quality', 'supervision', 'agreement'])('has words for the purpose %s', (purpose) => {
  expect(entry({ purpose })).not.toContain(purpose)
})

it('has words for every act of the trail, and leaves others as they are', () => {
  for (const what of ACTS) expect(entry({ what })).not.toContain(what)
  expect(entry({ what: 'moon.land', purpose: 'because' })).toMatch(/moon\.land.*because/)
})
