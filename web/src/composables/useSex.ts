import { useI18n } from 'vue-i18n'

/** Names of the codes of GB/T 2261.1. */
export function useSex(): (code: string | null | undefined) => string {
  const { t } = useI18n()
  return (code) => {
    if (code === '1' || code === '2') return t(`sex.${code}`)
    return code ? t('sex.other') : '—'
  }
}
