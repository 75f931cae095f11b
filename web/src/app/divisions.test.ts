import { expect, it } from 'vitest'

import type { Organisation } from '@/api/types'

import { divisionsBelow, matching } from './divisions'

const districts = [
  { code: '440106', name: { zh: '天河区', en: 'Tianhe' } },
  { code: '440104', name: { zh: '越秀区', en: 'Yuexiu' } },
]

function organisation(division: string, zh: string, different: Partial<Organisation> = {}): Organisation {
  return { organisation_id: `o-${division}-${zh}`, name: { zh, en: '' }, kind: 'civil_affairs', level: 'street', division, ...different }
}
const organisations = [
  organisation('4401', '市民政局', { level: 'city' }),
  organisation('440104', '越秀区民政局', { level: 'district' }),
  organisation('440104001', '某慈善会', { kind: 'charity' }),
  organisation('440104001', '洪桥街道办事处'),
  organisation('440106002', '沙河街道办事处'),
]

it('puts each division after the one that it lies in, and calls districts by their own name', () => {
  expect(divisionsBelow('4401', districts, organisations).map((each) => [each.code, each.name.zh, each.within])).toEqual([
    ['440104', '越秀区', ''],
    ['440104001', '洪桥街道办事处', '440104'],
    ['440106', '天河区', ''],
    ['440106002', '沙河街道办事处', '440106'],
  ])
})

it('has what lies below one’s own division alone', () => {
  expect(divisionsBelow('440104', districts, organisations).map((each) => each.code)).toEqual(['440104001'])
  expect(divisionsBelow('440104', districts, [])).toEqual([])
  expect(divisionsBelow('440104001', districts, organisations)).toEqual([])
})

it.each([
  ['', 4],
  ['越秀', 1],
  ['YUE', 1],
  ['440106', 2],
  ['0104', 0],
])('finds by %j as many as %i', (words, count) => {
  expect(matching(divisionsBelow('4401', districts, organisations), words)).toHaveLength(count)
})
