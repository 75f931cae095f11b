import { computed } from 'vue'
import { useI18n } from 'vue-i18n'

import type { LocalText } from '@/api/types'
import * as format from '@/lib/format'

/** The formatters, bound to the language that is shown. */
export function useFormat() {
  const { t, te, locale } = useI18n()
  const language = computed(() => locale.value as format.Locale)

  function text(value: LocalText | null | undefined): string {
    if (!value) return ''
    return value[language.value] || value.zh
  }

  /** A text that stands by itself begins with a capital, in languages that have them. */
  function sentence(value: LocalText | null | undefined): string {
    const words = text(value)
    return words.charAt(0).toUpperCase() + words.slice(1)
  }

  function duration(ms: number): string {
    const split = format.splitDuration(ms)
    return t(`duration.${split.unit}`, { ...split })
  }

  /** Units come from the city pack; the message files name the usual ones. */
  function unit(id: string | null | undefined): string {
    if (!id) return ''
    const key = `units.${id.replaceAll('/', '_per_')}`
    return te(key) ? t(key) : id
  }

  return {
    text,
    sentence,
    duration,
    unit,
    number: (value: number | null | undefined) => format.formatNumber(value, language.value),
    compact: (value: number) => format.formatCompact(value, language.value),
    share: (value: number) => format.formatShare(value, language.value),
    money: format.formatMoney,
    period: (value: string) => format.formatPeriod(value, language.value),
    instant: format.formatInstant,
    shorten: format.shorten,
  }
}
