import { expect, it } from 'vitest'

import { isSensitive } from './search'

it.each(['44019919560309001X', '440199 1956 0309', '4401991956-0309', '440199560309001'])('keeps %s out of the address', (search) => {
  expect(isSensitive(search)).toBe(true)
})

it.each(['', '陈志强', 'chenzhiqiang', 'czq', '44019'])('lets %s stand in the address', (search) => {
  expect(isSensitive(search)).toBe(false)
})
