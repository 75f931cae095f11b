import { effectScope, type EffectScope } from 'vue'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { ApiError } from '@/api/error'

import { useGrowingList, type GrowingList, type Part } from './useGrowingList'

interface Call {
  cursor: string | undefined
  resolve: (part: Part<number>) => void
  reject: (thrown: unknown) => void
}

let scope: EffectScope
let calls: Call[]
let list: GrowingList<number>
beforeEach(() => {
  scope = effectScope()
  calls = []
  list = scope.run(() => useGrowingList((cursor) => new Promise<Part<number>>((resolve, reject) => calls.push({ cursor, resolve, reject }))))!
})
afterEach(() => {
  scope.stop()
})

async function settle(act: () => void): Promise<void> {
  act()
  await new Promise((resolve) => setTimeout(resolve, 0))
}

describe('useGrowingList', () => {
  it('grows by what the cursor leads to', async () => {
    expect(list.loading.value).toBe(true)
    await settle(() => calls[0]?.resolve({ items: [1, 2], next: 'c1' }))
    expect([list.items.value, list.hasMore.value]).toEqual([[1, 2], true])
    await settle(list.more)
    list.more()
    expect(calls.map((call) => call.cursor)).toEqual([undefined, 'c1'])
    await settle(() => calls[1]?.resolve({ items: [3], next: null }))
    expect([list.items.value, list.hasMore.value]).toEqual([[1, 2, 3], false])
  })

  it('keeps what it has when loading more fails, and tries the same again', async () => {
    await settle(() => calls[0]?.resolve({ items: [1], next: 'c1' }))
    await settle(list.more)
    await settle(() => calls[1]?.reject(new ApiError({ type: 'about:blank', title: '', status: 503, code: 'OVERLOADED' })))
    expect([list.items.value, list.error.value?.code]).toEqual([[1], 'OVERLOADED'])
    await settle(list.retry)
    expect(calls[2]?.cursor).toBe('c1')
    await settle(() => calls[2]?.resolve({ items: [2], next: null }))
    expect([list.items.value, list.error.value]).toEqual([[1, 2], null])
  })
})
