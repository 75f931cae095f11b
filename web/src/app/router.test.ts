import type { RouteLocationNormalized } from 'vue-router'
import { describe, expect, it } from 'vitest'

import { afterSignIn, withCarried } from './router'

describe('afterSignIn', () => {
  it.each(['/console', '/console/people?division=440104', '/console?period=2024-09'])('goes back to %s', (next) => {
    expect(afterSignIn(next)).toBe(next)
  })

  it.each(['https://example.org/', '//example.org', '/consolepage', '/', 'javascript:alert(1)', undefined, ['/console']])('does not leave the console for %s', (next) => {
    expect(afterSignIn(next)).toBe('/console')
  })
})

describe('withCarried', () => {
  function route(path: string, query: Record<string, string>, guarded = true): RouteLocationNormalized {
    return { path, query, hash: '', meta: { title: 'nav.console', guarded } } as unknown as RouteLocationNormalized
  }

  it('takes the period and the division along to the next page', () => {
    expect(withCarried(route('/console/lists', { policy: 'x' }), route('/console/overview', { period: '2024-01', division: '440104', dataset: 'register' }))).toEqual({
      path: '/console/lists',
      hash: '',
      query: { policy: 'x', period: '2024-01', division: '440104' },
    })
  })

  it('leaves what the link itself names, and pages outside the console', () => {
    const from = route('/console/overview', { period: '2024-01', division: '440104' })
    expect(withCarried(route('/console/lists', { period: '2024-02', division: '440106' }), from)).toBeNull()
    expect(withCarried(route('/', {}, false), from)).toBeNull()
  })

  it('lets a page go back to the whole', () => {
    expect(withCarried(route('/console/lists', {}), route('/console/lists', { division: '440104' }))).toBeNull()
  })
})
