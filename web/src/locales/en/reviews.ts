import type { reviews as Zh } from '../zh/reviews'

export const reviews: typeof Zh = {
  reviews: {
    title: 'May be one person',
    lead: 'Records that the main job is not sure about: linked to one person now, and perhaps another’s. The match weight is that of the evidence: the higher, the likelier they are one person; the highest comes first.',
    onlyRead: 'For now pairs can only be looked at here: whether they are one person cannot be decided yet.',
    asOf: 'What the run for {period} has left open.',
    otherPeriod: 'You come from {asked}; shown is what is open now, after the run for {period}.',
    pairs: 'Pairs that may be one person',
    pair: '{first} and {second}',
    noName: '(no name)',
    weight: 'Match weight {weight}',
    record: 'The record in doubt is of the dataset {dataset}.',
    linkedTo: 'The record is linked to',
    mayBe: 'It may also be',
    shut: 'You cannot open this person’s file.',
    verdict: { agrees: 'Agrees', maskedAgrees: 'What is shown agrees', differs: 'Differs', missing: 'Missing on a side' },
    summary: { agrees: 'Agree: {what}', maskedAgrees: 'Agree as far as shown: {what}', differs: 'Differ: {what}', missing: 'Missing on a side at least: {what}' },
    none: 'No records that may be one person',
    noneHere: 'No records in this division that may be one person',
    noneDetail: 'Every record has found its person, and none is in doubt.',
  },
}
