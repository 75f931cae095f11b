import { computed, type ComputedRef } from 'vue'

import { answer, api } from '@/api/client'
import type { Organisation } from '@/api/types'
import { useSessionStore } from '@/app/stores/session'

import { useFormat } from './useFormat'
import { useResource, type Resource } from './useResource'

/** Most organisations that one answer has. */
const PAGE = 200

/** All organisations within one's own division, page after page. */
export async function allOrganisations(signal: AbortSignal): Promise<Organisation[]> {
  const found: Organisation[] = []
  let cursor: string | undefined
  do {
    const page = await answer(api.GET('/api/v1/organisations', { params: { query: { limit: PAGE, cursor } }, signal }))
    found.push(...page.organisations)
    cursor = page.next ?? undefined
  } while (cursor !== undefined)
  return found
}

/** All organisations within one's own division, to choose from and to name others by. */
export function useOrganisations(): Resource<Organisation[]> & { nameOf: (id: string | null | undefined) => string; list: ComputedRef<Organisation[]> } {
  const format = useFormat()
  const session = useSessionStore()
  const resource = useResource(
    () => (session.may('organisation.read') ? 'organisations' : null),
    (_, signal) => allOrganisations(signal),
    { keepPrevious: true },
  )
  const list = computed(() => resource.data.value ?? [])
  const byId = computed(() => new Map(list.value.map((each) => [each.organisation_id, each])))

  return {
    ...resource,
    list,
    nameOf: (id) => (id ? format.text(byId.value.get(id)?.name) || id : '—'),
  }
}
