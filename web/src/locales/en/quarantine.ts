import type { quarantine as Zh } from '../zh/quarantine'

export const quarantine: typeof Zh = {
  quarantine: {
    title: 'Quarantine',
    lead: 'Rows that could not be read or break a rule, with the reason and the original text. No row is dropped silently.',
    place: 'Where',
    reasons: 'Reasons',
    reason: 'Reason',
    columns: 'Columns',
    separator: ', ',
    original: 'Original (masked)',
    line: 'line {line}',
    none: 'No quarantined rows in this period',
    noneDetail: 'Every row that came in passed its checks.',
    noneFiltered: 'No rows match the filters',
  },
}
