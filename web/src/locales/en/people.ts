import type { people as Zh } from '../zh/people'

export const people: typeof Zh = {
  people: {
    title: 'People',
    lead: 'Search by name, pinyin, initials of the pinyin, or a full identity number.',
    search: 'Search',
    placeholder: 'Name, pinyin, initials or identity number',
    results: 'Results',
    noneTitle: 'Nobody matches',
    noneDetail: 'Try the family name or pinyin alone. An identity number needs all 18 characters.',
  },
}
