import { nextTick, shallowRef } from 'vue'
import { expect, it } from 'vitest'

import { useCutList } from './useCutList'

it('shows a list page by page, and other rows from the beginning', async () => {
  const rows = shallowRef([1, 2, 3, 4, 5])
  const list = useCutList(() => rows.value, 2)
  expect(list.shown.value).toEqual([1, 2])
  expect([list.hasPrevious.value, list.hasNext.value, list.data.value?.total]).toEqual([false, true, 5])
  list.next()
  list.next()
  list.next()
  expect([list.shown.value, list.pageNumber.value, list.hasNext.value]).toEqual([[5], 3, false])
  list.previous()
  expect(list.shown.value).toEqual([3, 4])
  rows.value = [7]
  await nextTick()
  expect([list.shown.value, list.pageNumber.value, list.hasPrevious.value, list.hasNext.value]).toEqual([[7], 1, false, false])
})

it('has one page when there is nothing', () => {
  const list = useCutList(() => [], 2)
  expect([list.shown.value, list.pageNumber.value, list.hasNext.value]).toEqual([[], 1, false])
})
