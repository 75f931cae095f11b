import { expect, it } from 'vitest'

import { compare } from './compare'
import { person } from './fixtures'

const one = person().summary

it('tells what agrees, what differs, and what one of them lacks', () => {
  const other = { ...one, name: 'Zhang Shan', birth_date: null, division: '440106001' }
  expect(compare(one, other)).toEqual({ name: 'differs', sex: 'agrees', birth: 'missing', idNumber: 'maskedAgrees', division: 'differs' })
  expect(compare(other, one)).toEqual(compare(one, other))
})

it('takes masked numbers that look alike for no more than that', () => {
  expect(compare(one, { ...one }).idNumber).toBe('maskedAgrees')
  expect(compare(one, { ...one, id_number: '440199********0022' }).idNumber).toBe('differs')
})

it.each(['0', '9', null, undefined])('takes the sex %s for not known', (sex) => {
  expect(compare(one, { ...one, sex }).sex).toBe('missing')
})
