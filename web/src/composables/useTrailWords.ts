import { useI18n } from 'vue-i18n'

/** Words for what the trail says; what has none stays the raw word. */
export function useTrailWords() {
  const { t, te } = useI18n()

  function named(group: 'act' | 'trailPurpose' | 'trailDetail', word: string): string {
    const key = `${group}.${word.replace(/[^\w]+/g, '_')}`
    return te(key) ? t(key) : word
  }

  return {
    act: (what: string) => named('act', what),
    /** A granted purpose, or what programs write. */
    purpose: (purpose: string) => (te(`purpose.${purpose}`) ? t(`purpose.${purpose}`) : named('trailPurpose', purpose)),
    detail: (key: string) => named('trailDetail', key),
  }
}
