import type { overview as Zh } from '../zh/overview'

export const overview: typeof Zh = {
  overview: {
    title: 'Overview',
    leadKnown: '{period} · with data received up to {day}',
    narrowed: 'Totals and policies are those of the chosen division. Quarantined rows, the steps of the run, the districts and the row accounts belong to no division, and are those of the whole city.',
    totals: {
      label: 'Totals',
      persons: 'Persons',
      households: 'Households',
      records: 'Records',
      recordsUncertain: '{count} of them linked without certainty',
      quarantined: 'Quarantined rows',
      whole: 'Of the whole city',
      alive: 'Alive',
      deaths: '{dead} dead, {uncertain} to be verified',
      entitlements: 'Entitlements',
      money: 'Amount due by decision',
      questions: 'To be asked',
      questionsNote: 'Missing is not no',
    },
    run: {
      title: 'Steps of the run',
      total: '{time} in all',
      time: 'Time',
      items: '{count} items',
      id: 'Run',
      pack: 'City pack',
      code: 'Software',
      published: 'Published',
    },
    policies: {
      title: 'Decisions and money by policy',
      chart: 'Chart of decisions and money by policy; the figures are in the table beside it',
    },
    districts: {
      title: 'Decisions and money by district',
      map: 'Map of the districts; the figures are in the table below',
      chart: 'Chart of the districts; the figures are in the table below',
      note: 'District boundaries are replaceable open data, not an official map.',
    },
    deliveries: {
      title: 'Row accounts of the deliveries',
      note: 'Every row that came in went to one of these places. An account that does not close is marked.',
      filter: 'Which to show',
      all: 'All {count}',
      withQuarantine: 'With quarantine',
      open: 'Not closing {count}',
      none: 'No deliveries',
      noneOpen: 'The accounts of all deliveries close',
    },
  },
}
