import type { RouteLocationNormalized } from 'vue-router'
import { describe, expect, it } from 'vitest'

import { afterSignIn, withPeriod } from './router'

describe('afterSignIn', () => {
  it.each(['/console', '/console/people?q=chen', '/console?period=2024-09'])('goes back to %s', (next) => {
    expect(afterSignIn(next)).toBe(next)
  })

  it.each(['https://example.org/', '//example.org', '/consolepage', '/', 'javascript:alert(1)', undefined, ['/console']])('does not leave the console for %s', (next) => {
    expect(afterSignIn(next)).toBe('/console')
  })
})

describe('withPeriod', () => {
  function route(path: string, query: Record<string, string>, guarded = true): RouteLocationNormalized {
    return { path, query, hash: '', meta: { title: 'nav.console', guarded } } as unknown as RouteLocationNormalized
  }

  it('takes the period along to the next page', () => {
    expect(withPeriod(route('/console/lists', { policy: 'x' }), route('/console/overview', { period: '2024-01' }))).toEqual({
      path: '/console/lists',
      hash: '',
      query: { policy: 'x', period: '2024-01' },
    })
  })

  it('leaves a period that the link itself names, and pages outside the console', () => {
    const from = route('/console/overview', { period: '2024-01' })
    expect(withPeriod(route('/console/lists', { period: '2024-02' }), from)).toBeNull()
    expect(withPeriod(route('/', {}, false), from)).toBeNull()
  })
})
