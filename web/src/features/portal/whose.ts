import type { Affiliated } from '@/api/types'

/** Whose affairs words are about: of oneself they say ‘my’. */
export function whoseOf(person: Affiliated | null): 'own' | 'other' {
  return person?.standing === 'self' ? 'own' : 'other'
}
