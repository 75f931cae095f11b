import { effectScope, type EffectScope } from 'vue'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import { useCountdown } from './useCountdown'

let scope: EffectScope
beforeEach(() => {
  vi.useFakeTimers()
  scope = effectScope()
})
afterEach(() => {
  scope.stop()
  vi.useRealTimers()
})

function countdown() {
  return scope.run(useCountdown)!
}

describe('useCountdown', () => {
  it('counts the seconds down and then stops', () => {
    const { left, start } = countdown()
    expect(left.value).toBe(0)
    start(3)
    expect(left.value).toBe(3)
    vi.advanceTimersByTime(1000)
    expect(left.value).toBe(2)
    vi.advanceTimersByTime(2000)
    expect(left.value).toBe(0)
    expect(vi.getTimerCount()).toBe(0)
  })

  it('knows after a sleep how much is left', () => {
    const { left, start } = countdown()
    start(60)
    vi.setSystemTime(Date.now() + 50_000)
    vi.advanceTimersByTime(1000)
    expect(left.value).toBe(9)
  })

  it('begins anew, in one timer', () => {
    const { left, start } = countdown()
    start(60)
    start(30)
    vi.advanceTimersByTime(10_000)
    expect(left.value).toBe(20)
    expect(vi.getTimerCount()).toBe(1)
  })

  it('ends with the page', () => {
    countdown().start(60)
    scope.stop()
    expect(vi.getTimerCount()).toBe(0)
  })
})
