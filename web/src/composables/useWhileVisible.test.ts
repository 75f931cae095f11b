import { mount, type VueWrapper } from '@vue/test-utils'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { defineComponent } from 'vue'

import { useWhileVisible } from './useWhileVisible'

const MINUTE = 60_000
const act = vi.fn()
let wrapper: VueWrapper
let visibility: DocumentVisibilityState

function see(state: DocumentVisibilityState): void {
  visibility = state
  document.dispatchEvent(new Event('visibilitychange'))
}

beforeEach(() => {
  vi.useFakeTimers()
  act.mockReset()
  visibility = 'visible'
  vi.spyOn(document, 'visibilityState', 'get').mockImplementation(() => visibility)
  wrapper = mount(
    defineComponent({
      setup() {
        useWhileVisible(act, MINUTE)
        return () => null
      },
    }),
  )
})
afterEach(() => {
  wrapper.unmount()
  vi.restoreAllMocks()
  vi.useRealTimers()
})

it('acts at once and each minute', () => {
  expect(act).toHaveBeenCalledTimes(1)
  vi.advanceTimersByTime(3 * MINUTE)
  expect(act).toHaveBeenCalledTimes(4)
})

it('rests while nobody looks, and catches up at once', () => {
  see('hidden')
  vi.advanceTimersByTime(5 * MINUTE)
  expect(act).toHaveBeenCalledTimes(1)
  see('visible')
  expect(act).toHaveBeenCalledTimes(2)
})

it('does not act again for a short look elsewhere', () => {
  see('hidden')
  vi.advanceTimersByTime(1000)
  see('visible')
  expect(act).toHaveBeenCalledTimes(1)
})

it('ends with what uses it', () => {
  wrapper.unmount()
  vi.advanceTimersByTime(5 * MINUTE)
  see('visible')
  expect(act).toHaveBeenCalledTimes(1)
})
