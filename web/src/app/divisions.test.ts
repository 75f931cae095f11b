import { expect, it } from 'vitest'

import type { DivisionInfo } from '@/api/types'

import { divisionsBelow, matching } from './divisions'

const districts = [
  { code: '440106', name: { zh: '天河区', en: 'Tianhe' } },
  { code: '440104', name: { zh: '越秀区', en: 'Yuexiu' } },
]

function division(code: string, zh: string, level: DivisionInfo['level'] = 'street', en = ''): DivisionInfo {
  return { code, name: { zh, en }, level }
}
const divisions = [
  division('4401', '广州市', 'city'),
  division('440104', '越秀区', 'district', 'Yuexiu'),
  division('440104001', '洪桥街道'),
  division('440104001001', '三眼井社区居民委员会', 'community'),
  division('440106', '天河区', 'district', 'Tianhe'),
  division('440106002', '沙河街道'),
]

it('puts each division after the one that it lies in', () => {
  expect(divisionsBelow('4401', districts, divisions).map((each) => [each.code, each.name.zh, each.within])).toEqual([
    ['440104', '越秀区', ''],
    ['440104001', '洪桥街道', '440104'],
    ['440104001001', '三眼井社区居民委员会', '440104001'],
    ['440106', '天河区', ''],
    ['440106002', '沙河街道', '440106'],
  ])
})

it('has the districts before anything was read', () => {
  expect(divisionsBelow('4401', districts, []).map((each) => [each.code, each.level])).toEqual([
    ['440104', 'district'],
    ['440106', 'district'],
  ])
})

it('has what lies below one’s own division alone', () => {
  expect(divisionsBelow('440104', districts, divisions).map((each) => each.code)).toEqual(['440104001', '440104001001'])
  expect(divisionsBelow('440104', districts, [])).toEqual([])
  expect(divisionsBelow('440104001', districts, divisions).map((each) => each.code)).toEqual(['440104001001'])
  expect(divisionsBelow('440106002', districts, divisions)).toEqual([])
})

it.each([
  ['', 5],
  ['越秀', 1],
  ['YUE', 1],
  ['440106', 2],
  ['0104', 0],
])('finds by %j as many as %i', (words, count) => {
  expect(matching(divisionsBelow('4401', districts, divisions), words)).toHaveLength(count)
})
