import { expect, it } from 'vitest'

import { generatePassword } from './secret'

it('makes a password that can be read aloud, another one each time', () => {
  const made = new Set(Array.from({ length: 50 }, generatePassword))
  expect(made.size).toBe(50)
  for (const password of made) expect(password).toMatch(/^(?:[a-hjkmnp-z02-9]{5}-){3}[a-hjkmnp-z02-9]{5}$/)
})
