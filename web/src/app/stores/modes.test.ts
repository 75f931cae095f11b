import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import { useModesStore } from './modes'

const root = document.documentElement
let systemSays: (dark: boolean) => void

/** A system that shows dark or light, and may change its mind. */
function system(dark: boolean): void {
  vi.stubGlobal('matchMedia', () => ({
    matches: dark,
    addEventListener: (_: string, listener: (event: { matches: boolean }) => void) => {
      systemSays = (now) => {
        listener({ matches: now })
      }
    },
  }))
}

function shown() {
  return { theme: root.dataset.theme, type: root.dataset.type, element: root.classList.contains('dark') }
}

beforeEach(() => {
  localStorage.clear()
  setActivePinia(createPinia())
  system(false)
})
afterEach(() => {
  vi.unstubAllGlobals()
})

describe('modes', () => {
  it('are those of the system, with normal type, until something is chosen', () => {
    system(true)
    const modes = useModesStore()
    expect([modes.theme, modes.type, modes.dark, modes.scale, modes.searchKeys]).toEqual(['system', 'normal', true, 1, 'both'])
    expect(shown()).toEqual({ theme: 'dark', type: 'normal', element: true })
  })

  it('follow the system while it decides', () => {
    const modes = useModesStore()
    systemSays(true)
    expect(shown().theme).toBe('dark')
    modes.theme = 'light'
    systemSays(false)
    systemSays(true)
    expect(shown()).toEqual({ theme: 'light', type: 'normal', element: false })
  })

  it('are on the document at once, and in this browser for the next time', () => {
    const modes = useModesStore()
    modes.theme = 'dark'
    modes.type = 'large'
    modes.searchKeys = 'chord'
    expect(shown()).toEqual({ theme: 'dark', type: 'large', element: true })
    setActivePinia(createPinia())
    const next = useModesStore()
    expect([next.theme, next.type, next.dark, next.scale, next.searchKeys]).toEqual(['dark', 'large', true, 1.25, 'chord'])
  })

  it('do not take what nobody can have chosen', () => {
    localStorage.setItem('huimin.theme', 'sepia')
    localStorage.setItem('huimin.type', '')
    const modes = useModesStore()
    expect([modes.theme, modes.type]).toEqual(['system', 'normal'])
  })

  it('hold without storage until the page is left', () => {
    vi.stubGlobal('localStorage', {
      getItem: () => {
        throw new Error('switched off')
      },
      setItem: () => {
        throw new Error('switched off')
      },
    })
    const modes = useModesStore()
    modes.type = 'large'
    expect(shown().type).toBe('large')
  })
})
