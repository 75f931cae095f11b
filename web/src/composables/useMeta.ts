import { useMetaStore } from '@/app/stores/meta'
import type { Meta } from '@/api/types'

/** The console's basic data, for pages: the shell shows them only once it is there. */
export function useMeta(): Meta {
  const { meta } = useMetaStore()
  if (!meta) throw new Error('a console page was shown before its basic data')
  return meta
}
