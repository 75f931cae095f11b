import { mount, type VueWrapper } from '@vue/test-utils'
import { describe, expect, it } from 'vitest'

import type { Explanation } from '@/api/types'
import type { Locale } from '@/lib/format'
import { createMessages } from '@/locales'

import ExplanationView from './ExplanationView.vue'
import { condition, explanation } from './fixtures'

function show(different: Partial<Explanation> = {}, locale: Locale = 'en'): VueWrapper {
  return mount(ExplanationView, { props: { explanation: explanation(different) }, global: { plugins: [createMessages(locale)] } })
}

/** The words that can be read, with a space between the elements. */
function words(wrapper: { element: Element }): string {
  const texts: string[] = []
  const walker = document.createTreeWalker(wrapper.element, NodeFilter.SHOW_TEXT)
  while (walker.nextNode()) texts.push(walker.currentNode.textContent ?? '')
  return texts.join(' ').replace(/\s+/g, ' ')
}

describe('ExplanationView', () => {
  it('says the outcome, the amount and the sentence', () => {
    const text = words(show())
    expect(text).toContain('Eligible')
    expect(text).toContain('¥100.00')
    expect(text).toContain('All conditions hold.')
  })

  it('gives each condition with value, unit, source row, article and rule', () => {
    const card = words(show().get('li.condition'))
    expect(card).toContain('At least 70 years old')
    expect(card).toContain('83 years')
    expect(card).toContain('Household register, row 20,331, as of 2024-09-30')
    expect(card).toContain('第二条')
    expect(card).toContain('age >= 70')
  })

  it('tells held, failed and unknown apart in word and count', () => {
    const wrapper = show({
      outcome: 'not',
      amount_fen: null,
      conditions: [condition(), condition({ id: 'b', held: false }), condition({ id: 'c', held: null })],
    })
    expect(wrapper.findAll('li.condition').map((card) => card.classes().find((name) => ['held', 'failed', 'unknown'].includes(name)))).toEqual(['held', 'failed', 'unknown'])
    expect(words(wrapper)).toContain('1 held, 1 failed, 1 unknown')
    expect(words(wrapper)).not.toContain('¥')
  })

  it('says what to bring only where a condition is unknown', () => {
    const ask = { zh: '请补充银行回复', en: 'Bring the reply of the bank' }
    expect(words(show({ conditions: [condition({ held: null, ask })] }))).toContain('Needed: Bring the reply of the bank')
    expect(words(show({ conditions: [condition({ held: true, ask })] }))).not.toContain('Bring the reply')
  })

  it('never shows a missing value as zero or nothing', () => {
    const value = { variable: 'savings', name: { zh: '存款', en: 'Savings' }, kind: 'money' as const, value: null, unit: 'CNY', sources: [] }
    expect(words(show({ conditions: [condition({ held: null, values: [value] })] }))).toContain('Savings Unknown No source gives it')
    expect(words(show({ conditions: [condition({ held: true, values: [value] })] }))).toContain('Savings None on record')
  })

  it.each([
    ['money', '1830', 'CNY/month', '¥1,830.00 / month'],
    ['money', '24000.5', 'CNY', '¥24,000.50'],
    ['boolean', 'true', null, 'Yes'],
    ['boolean', 'false', null, 'No'],
    ['decimal', '0.30', null, '0.30'],
    ['date', '2024-08-11', null, '2024-08-11'],
  ] as const)('writes a %s %s in %s as %s', (kind, value, unit, written) => {
    const values = [{ variable: 'v', name: { zh: '值', en: 'Value' }, kind, value, unit, sources: [] }]
    expect(words(show({ conditions: [condition({ values })] }))).toContain(`Value ${written}`)
  })

  it('uses the name of a coded value', () => {
    const values = [{ variable: 'area', name: { zh: '区划', en: 'Division' }, kind: 'text' as const, value: '440104', label: { zh: '越秀区', en: 'Yuexiu District' }, unit: null, sources: [] }]
    expect(words(show({ conditions: [condition({ values })] }))).toContain('Division Yuexiu District')
    expect(words(show({ conditions: [condition({ values })] }, 'zh'))).toContain('区划 越秀区')
  })

  it('lists brackets, their force and basis, and marks what is to be verified', () => {
    const text = words(show())
    expect(text).toContain('70 and over')
    expect(text).toContain('In force since 2022-01-01')
    expect(text).toContain('To be verified against the official text')
    expect(text).toContain('某市老年人优待办法')
  })

  it('says that nothing was looked at where the policy does not apply', () => {
    expect(words(show({ outcome: 'not_applicable', amount_fen: null, conditions: [] }))).toContain('Not applicable in this period, so no conditions were looked at.')
  })
})
