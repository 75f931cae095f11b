import { expect, it } from 'vitest'

import { tidied } from './who'

it('takes numbers as people write them', () => {
  expect(tidied({ id_number: ' 440104 19500101 001x ', name: ' 王芳 ', phone: '138-0013 8000' })).toEqual({
    id_number: '44010419500101001X',
    name: '王芳',
    phone: '13800138000',
  })
})
