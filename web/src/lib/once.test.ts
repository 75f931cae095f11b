import { expect, it } from 'vitest'

import { makeOnce } from './once'

it('keeps the key while the same is asked for again, and no longer', async () => {
  const keys: string[] = []
  const once = makeOnce()
  async function ask(body: unknown, fails: boolean): Promise<void> {
    await once(body, (key) => {
      keys.push(key)
      return fails ? Promise.reject(new Error('no answer')) : Promise.resolve()
    }).catch(() => undefined)
  }
  await ask({ name: 'a' }, true)
  await ask({ name: 'a' }, false)
  expect(keys[1]).toBe(keys[0])
  // Made: the same again is another one.
  await ask({ name: 'a' }, true)
  expect(keys[2]).not.toBe(keys[0])
  await ask({ name: 'b' }, true)
  expect(keys[3]).not.toBe(keys[2])
  for (const key of keys) expect(key).toMatch(/^[0-9a-f]{32}$/)
})
