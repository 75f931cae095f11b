import { defineStore } from 'pinia'
import { computed, ref, watch, type Ref } from 'vue'

/** Light, dark, or whichever the system shows. */
export const THEMES = ['system', 'light', 'dark'] as const
export type Theme = (typeof THEMES)[number]
/** Large type is for older people; targets are larger as well. */
export const TYPES = ['normal', 'large'] as const
export type TypeSize = (typeof TYPES)[number]
/**
 * Keys that lead to the search for a person: a character and a chord, or the chord alone. A key that is a character can be pressed
 * unawares, by voice as well, so that it can be switched off (WCAG 2.1.4).
 */
export const SEARCH_KEYS = ['both', 'chord'] as const
export type SearchKeys = (typeof SEARCH_KEYS)[number]

/** The same as `--scale` in `styles/tokens.css`, for canvases. */
const LARGE = 1.25

/** A choice that stays in this browser; the first one if nothing else was chosen. */
function kept<T extends string>(key: string, choices: readonly [T, ...T[]]): Ref<T> {
  const choice = ref(choices[0]) as Ref<T>
  try {
    const stored = localStorage.getItem(key)
    choice.value = choices.find((each) => each === stored) ?? choices[0]
  } catch {
    // Storage may be switched off.
  }
  watch(
    choice,
    (chosen) => {
      try {
        localStorage.setItem(key, chosen)
      } catch {
        // Then it holds until the page is left.
      }
    },
    { flush: 'sync' },
  )
  return choice
}

/** How everything looks, and is worked. The store says the looks on the document itself, from its making on. */
export const useModesStore = defineStore('modes', () => {
  const theme = kept('huimin.theme', THEMES)
  const type = kept('huimin.type', TYPES)
  const searchKeys = kept('huimin.search-keys', SEARCH_KEYS)

  const system = matchMedia('(prefers-color-scheme: dark)')
  const systemDark = ref<boolean>(system.matches)
  system.addEventListener('change', (event) => {
    systemDark.value = event.matches
  })

  const dark = computed(() => theme.value === 'dark' || (theme.value === 'system' && systemDark.value))
  const scale = computed(() => (type.value === 'large' ? LARGE : 1))

  watch(
    [dark, type],
    () => {
      const root = document.documentElement
      root.dataset.theme = dark.value ? 'dark' : 'light'
      root.dataset.type = type.value
      // What Element Plus looks for.
      root.classList.toggle('dark', dark.value)
    },
    { immediate: true, flush: 'sync' },
  )

  return { theme, type, searchKeys, dark, scale }
})
