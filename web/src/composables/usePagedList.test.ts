import { effectScope, nextTick, ref, type EffectScope } from 'vue'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { ApiError } from '@/api/error'

import { usePagedList, type PagedList } from './usePagedList'

interface Numbers {
  rows: number[]
  next: string | null
}

interface Call {
  filter: string
  cursor: string | undefined
  signal: AbortSignal
  resolve: (page: Numbers) => void
  reject: (thrown: unknown) => void
}

let scope: EffectScope
let calls: Call[]
beforeEach(() => {
  scope = effectScope()
  calls = []
})
afterEach(() => {
  scope.stop()
})

const filter = ref<string | null>('a')

function listOf(initial: string | null): PagedList<Numbers> {
  filter.value = initial
  return scope.run(() =>
    usePagedList(
      () => filter.value,
      (wanted, cursor, signal) => new Promise<Numbers>((resolve, reject) => calls.push({ filter: wanted, cursor, signal, resolve, reject })),
    ),
  )!
}

function call(index: number): Call {
  const found = calls[index]
  if (!found) throw new Error(`there are only ${String(calls.length)} calls`)
  return found
}

async function settle(): Promise<void> {
  await nextTick()
  await new Promise((resolve) => setTimeout(resolve, 0))
}

const busy = new ApiError({ type: 'about:blank', title: '', status: 503, code: 'STORE-BUSY' })

describe('usePagedList', () => {
  it('goes from loading to the first page', async () => {
    const list = listOf('a')
    expect(list.status.value).toBe('loading')
    expect(list.data.value).toBeNull()
    call(0).resolve({ rows: [1], next: 'c1' })
    await settle()
    expect(list.status.value).toBe('ready')
    expect(list.data.value?.rows).toEqual([1])
    expect([list.pageNumber.value, list.hasPrevious.value, list.hasNext.value]).toEqual([1, false, true])
  })

  it('goes forward with the cursor and back without asking the server for one', async () => {
    const list = listOf('a')
    call(0).resolve({ rows: [1], next: 'c1' })
    await settle()
    list.next()
    await settle()
    expect(call(1).cursor).toBe('c1')
    // The page before stays to be seen while the next one is on its way.
    expect(list.data.value?.rows).toEqual([1])
    call(1).resolve({ rows: [2], next: null })
    await settle()
    expect([list.pageNumber.value, list.hasPrevious.value, list.hasNext.value]).toEqual([2, true, false])
    list.previous()
    await settle()
    expect(call(2).cursor).toBeUndefined()
    expect(list.pageNumber.value).toBe(1)
  })

  it('begins at the first page again with new filters, in one call', async () => {
    const list = listOf('a')
    call(0).resolve({ rows: [1], next: 'c1' })
    await settle()
    list.next()
    await settle()
    call(1).resolve({ rows: [2], next: 'c2' })
    await settle()
    filter.value = 'b'
    await settle()
    expect(calls).toHaveLength(3)
    expect([call(2).filter, call(2).cursor]).toEqual(['b', undefined])
    expect(list.pageNumber.value).toBe(1)
  })

  it('ignores an answer that comes after a newer question', async () => {
    const list = listOf('a')
    filter.value = 'b'
    await settle()
    expect(call(0).signal.aborted).toBe(true)
    call(1).resolve({ rows: [2], next: null })
    await settle()
    call(0).resolve({ rows: [1], next: null })
    await settle()
    expect(list.data.value?.rows).toEqual([2])
  })

  it('shows an error without the older rows, and loads again on request', async () => {
    const list = listOf('a')
    call(0).reject(busy)
    await settle()
    expect(list.status.value).toBe('error')
    expect(list.error.value?.code).toBe('STORE-BUSY')
    expect(list.data.value).toBeNull()
    list.retry()
    expect(list.status.value).toBe('loading')
    expect(list.error.value).toBeNull()
    call(1).resolve({ rows: [3], next: null })
    await settle()
    expect(list.data.value?.rows).toEqual([3])
  })

  it('does not turn the page twice while one is on its way', async () => {
    const list = listOf('a')
    call(0).resolve({ rows: [1], next: 'c1' })
    await settle()
    list.next()
    await settle()
    list.next()
    await settle()
    expect(calls).toHaveLength(2)
    expect(list.pageNumber.value).toBe(2)
  })

  it('loads nothing while there is nothing to ask for', async () => {
    const list = listOf(null)
    await settle()
    expect(list.status.value).toBe('idle')
    expect(calls).toHaveLength(0)
  })

  it('gives up its call when the page is left', () => {
    listOf('a')
    scope.stop()
    expect(call(0).signal.aborted).toBe(true)
  })
})
