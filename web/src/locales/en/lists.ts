import type { lists as Zh } from '../zh/lists'

export const lists: typeof Zh = {
  lists: {
    title: 'Three lists',
    lead: 'Registered, due and paid, reconciled item by item.',
    choice: 'Which list',
    registered: 'Registered',
    due: 'Due',
    paid: 'Paid',
    differences: 'Differences',
    none: 'This list is empty',
    noneFiltered: 'No items match the filters',
    summary: {
      title: 'Reconciliation',
      closes: 'Every difference is explained',
      open: 'Differences without explanation',
      noDifference: 'No difference',
      offered: 'Eligible but not registered',
    },
  },
}
