import type { Grant } from '@/api/types'
import type { Tone } from '@/components/tone'

export type GrantState = 'in_force' | 'revoked' | 'not_begun' | 'ended'

/** How a grant stands. Whether it counts, the server says; the clock here only tells why it does not. */
export function stateOf(grant: Grant, now = Date.now()): GrantState {
  if (grant.in_force) return 'in_force'
  if (grant.revoked_at) return 'revoked'
  return Date.parse(grant.from) > now ? 'not_begun' : 'ended'
}

export const GRANT_TONES: Record<GrantState, Tone> = { in_force: 'ok', not_begun: 'plain', ended: 'muted', revoked: 'muted' }
