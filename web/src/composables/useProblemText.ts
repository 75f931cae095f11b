import { useI18n } from 'vue-i18n'

import type { ApiError } from '@/api/error'

/** The words for an error: the application's own for codes that it knows, in its language, else the server's. */
export function useProblemText() {
  const { t, te } = useI18n()

  function title(error: ApiError): string {
    const known = `problem.${error.code}.title`
    return te(known) ? t(known) : error.problem.title || t('problem.other.title')
  }

  function detail(error: ApiError): string {
    const known = `problem.${error.code}.detail`
    return te(known) ? t(known) : error.problem.detail || t('problem.other.detail')
  }

  return { title, detail }
}
