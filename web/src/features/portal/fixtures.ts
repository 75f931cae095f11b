import type { DecisionSummary, Look } from '@/api/types'

/** A benefit that somebody gets; tests say what is different. */
export function decision(different: Partial<DecisionSummary> = {}): DecisionSummary {
  return {
    policy: 'longevity-allowance',
    name: { zh: '长者长寿保健金', en: 'Longevity health allowance' },
    subject: 'p1',
    unit: 'person',
    outcome: 'eligible',
    amount_fen: 10_000,
    ...different,
  }
}

/** A case worker who saw a file; tests say what is different. */
export function look(different: Partial<Look> = {}): Look {
  return {
    at: '2024-10-05T01:12:00Z',
    what: 'person.read',
    purpose: 'casework',
    by: { kind: 'staff', organisation: { zh: '某区民政局', en: 'District bureau' }, roles: ['case_worker'] },
    ...different,
  }
}
