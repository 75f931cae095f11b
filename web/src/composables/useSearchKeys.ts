import { computed, onBeforeUnmount, onMounted, type ComputedRef } from 'vue'
import { useI18n } from 'vue-i18n'

import { useModesStore } from '@/app/stores/modes'
import { chordName, isSearchKey } from '@/lib/search-key'

export interface SearchKeys {
  /** What the field is for and which keys lead to it, for its title. */
  hint: ComputedRef<string>
  /** The same keys, as `aria-keyshortcuts` names them. */
  shortcuts: ComputedRef<string>
}

/** Keys that lead to the field in which a person is searched for, from anywhere on the page. */
export function useSearchKeys(reach: () => void): SearchKeys {
  const { t } = useI18n()
  const modes = useModesStore()
  const slash = computed(() => modes.searchKeys === 'both')
  const chord = chordName(navigator.platform)

  function onKey(event: KeyboardEvent): void {
    if (!isSearchKey(event, slash.value)) return
    // The browser has a search of its own under these keys.
    event.preventDefault()
    reach()
  }
  onMounted(() => {
    window.addEventListener('keydown', onKey)
  })
  onBeforeUnmount(() => {
    window.removeEventListener('keydown', onKey)
  })

  return {
    hint: computed(() => t('personSearch.hint', { keys: slash.value ? t('personSearch.both', { chord }) : chord })),
    shortcuts: computed(() => (slash.value ? '/ Control+K Meta+K' : 'Control+K Meta+K')),
  }
}
