import type { Condition } from '@/api/types'

import type { Tone } from './tone'

export type ConditionState = 'held' | 'failed' | 'unknown'

/** Unknown is neither held nor failed. */
export function stateOf({ held }: Condition): ConditionState {
  if (held == null) return 'unknown'
  return held ? 'held' : 'failed'
}

export const CONDITION_TONES: Record<ConditionState, Tone> = { held: 'ok', failed: 'bad', unknown: 'ask' }
