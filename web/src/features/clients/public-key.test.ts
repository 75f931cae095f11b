// @vitest-environment node
import { generateKeyPairSync } from 'node:crypto'
import { expect, it } from 'vitest'

import { LONGEST_DAYS, isPrivateKey } from './public-key'
import { cityDay, endOfDay } from '@/lib/day'

it('tells a private key from a public one', () => {
  const pair = generateKeyPairSync('ed25519')
  expect(isPrivateKey(pair.publicKey.export({ type: 'spki', format: 'pem' }).toString())).toBe(false)
  expect(isPrivateKey(pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString())).toBe(true)
  expect(isPrivateKey('-----BEGIN OPENSSH PRIVATE KEY-----')).toBe(true)
  expect(isPrivateKey('-----BEGIN ENCRYPTED PRIVATE KEY-----')).toBe(true)
})

it('offers no last day that the server would refuse', () => {
  const longest = 2 * 366 * 24 * 3_600_000
  for (const now of [Date.parse('2026-11-27T15:59:59Z'), Date.parse('2026-11-27T16:00:00Z')]) {
    expect(Date.parse(endOfDay(cityDay(LONGEST_DAYS, now)) ?? '') - now).toBeLessThanOrEqual(longest)
    expect(Date.parse(endOfDay(cityDay(LONGEST_DAYS + 1, now)) ?? '') - now).toBeGreaterThan(longest)
  }
})
