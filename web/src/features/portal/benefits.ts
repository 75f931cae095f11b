import type { DecisionSummary } from '@/api/types'

export interface Benefits {
  /** What the person gets; what brings money first, the most first. */
  given: DecisionSummary[]
  /** What cannot be said before something is known. */
  asked: DecisionSummary[]
  /** What the person does not get, or not in this month. */
  others: DecisionSummary[]
}

/** Decisions in the order in which people want to know of them. */
export function sorted(decisions: readonly DecisionSummary[]): Benefits {
  return {
    given: decisions.filter((each) => each.outcome === 'eligible').sort((one, other) => (other.amount_fen ?? 0) - (one.amount_fen ?? 0)),
    asked: decisions.filter((each) => each.outcome === 'ask'),
    others: decisions.filter((each) => each.outcome === 'not' || each.outcome === 'not_applicable'),
  }
}
