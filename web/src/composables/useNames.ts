import { useI18n } from 'vue-i18n'

import type { PurposeName, RoleName } from '@/api/types'

/** Names of several roles or purposes in one text. */
export function useNames() {
  const { t } = useI18n()

  function listed(names: string[]): string {
    return names.join(t('list.separator')) || '—'
  }

  return {
    roles: (roles: readonly RoleName[]) => listed(roles.map((role) => t(`staffRole.${role}`))),
    purposes: (purposes: readonly PurposeName[]) => listed(purposes.map((purpose) => t(`purpose.${purpose}`))),
  }
}
