import { useI18n } from 'vue-i18n'

import type { ConditionValue } from '@/api/types'
import { useFormat } from './useFormat'
import { formatDecimalText, formatYuanText } from '@/lib/format'

/**
 * How a value of a condition is written. Null is never shown as nothing or zero: it is unknown where it
 * left the condition open, and else not on record (no date of death, say).
 */
export function useValueText(): (value: ConditionValue, open: boolean) => string {
  const { t } = useI18n()
  const { text, unit } = useFormat()

  return (value, open) => {
    if (value.value == null) return open ? t('explanation.unknownValue') : t('explanation.notOnRecord')
    if (value.label) return text(value.label)
    switch (value.kind) {
      case 'boolean':
        return value.value === 'true' ? t('explanation.yes') : t('explanation.no')
      case 'money':
        return [formatYuanText(value.value), perPart(unit(value.unit))].filter(Boolean).join(' ')
      case 'integer':
      case 'decimal':
        return [formatDecimalText(value.value), unit(value.unit)].filter(Boolean).join(' ')
      default:
        return value.value
    }
  }
}

/** What stands after the currency in a unit: `/ month` of `CNY / month`, because the sign says the currency. */
function perPart(unit: string): string {
  const slash = unit.indexOf('/')
  return slash < 0 ? '' : unit.slice(slash).trim()
}
