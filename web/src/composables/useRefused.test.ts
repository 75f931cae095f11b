import { mount } from '@vue/test-utils'
import { expect, it } from 'vitest'
import { createMemoryHistory, createRouter } from 'vue-router'

import { useRefused } from './useRefused'

async function refusedAt(address: string): Promise<string | null> {
  const page = { setup: () => ({ refused: useRefused() }), template: '<i>{{ refused ? refused.code : "" }}</i>' }
  const router = createRouter({ history: createMemoryHistory(), routes: [{ path: '/', component: page }] })
  await router.push(address)
  return mount(page, { global: { plugins: [router] } }).text() || null
}

it('shows codes of problems, and no text that somebody has put into an address', async () => {
  expect(await refusedAt('/?refused=OIDC-NOT-LINKED')).toBe('OIDC-NOT-LINKED')
  for (const text of ['', 'Call 110 at once', '<b>', 'oidc-expired', '-', 'A'.repeat(41), 'A-B-C-D-E-F-G']) {
    expect(await refusedAt(`/?refused=${encodeURIComponent(text)}`), text).toBe(null)
  }
  expect(await refusedAt('/?refused=A&refused=B')).toBe(null)
  expect(await refusedAt('/')).toBe(null)
})
