import type { PersonSummary } from '@/api/types'

/** What of two persons is compared, in the order in which it is shown. */
export const COMPARED = ['name', 'sex', 'birth', 'idNumber', 'division'] as const
export type Compared = (typeof COMPARED)[number]

/**
 * `agrees`, `differs`, or `missing` where one of them lacks it. `maskedAgrees`: what is shown of two masked numbers agrees,
 * which says nothing about what is hidden.
 */
export type Verdict = 'agrees' | 'maskedAgrees' | 'differs' | 'missing'
export const VERDICTS = ['agrees', 'maskedAgrees', 'differs', 'missing'] as const satisfies readonly Verdict[]

/** The codes of GB/T 2261.1 that say nothing. */
const NO_SEX = ['0', '9']

function valueOf(person: PersonSummary, what: Compared): string {
  switch (what) {
    case 'name':
      return person.name
    case 'sex':
      return person.sex && !NO_SEX.includes(person.sex) ? person.sex : ''
    case 'birth':
      return person.birth_date ?? ''
    case 'idNumber':
      return person.id_number ?? ''
    case 'division':
      return person.division ?? ''
  }
}

/** What two persons have in common, and what not. */
export function compare(one: PersonSummary, other: PersonSummary): Record<Compared, Verdict> {
  const verdict = (what: Compared): Verdict => {
    const [first, second] = [valueOf(one, what), valueOf(other, what)]
    if (first === '' || second === '') return 'missing'
    if (first !== second) return 'differs'
    return what === 'idNumber' ? 'maskedAgrees' : 'agrees'
  }
  return { name: verdict('name'), sex: verdict('sex'), birth: verdict('birth'), idNumber: verdict('idNumber'), division: verdict('division') }
}
