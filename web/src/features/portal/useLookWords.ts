import { useI18n } from 'vue-i18n'

import type { Looker, StandingName } from '@/api/types'
import { useFormat } from '@/composables/useFormat'
import { useNames } from '@/composables/useNames'

/**
 * Who looked, in words for the person or their guardian: of the staff, the office and what they are employed for; of a
 * partner's program, whose it is and what it is called.
 */
export function useLookWords(): (by: Looker, standing: StandingName) => string {
  const { t } = useI18n()
  const format = useFormat()
  const names = useNames()

  return (by, standing) => {
    if (by.kind === 'partner') {
      if (!by.organisation) return t('readings.partner.other')
      const office = format.text(by.organisation)
      return by.program ? t('readings.partner.named', { office, program: by.program }) : t('readings.partner.of', { office })
    }
    if (by.kind !== 'staff') return t(`readings.by.${standing === 'self' ? 'own' : 'other'}.${by.kind}`)
    const office = format.text(by.organisation) || t('readings.staff')
    return by.roles.length > 0 ? t('readings.office', { office, roles: names.roles(by.roles) }) : office
  }
}
