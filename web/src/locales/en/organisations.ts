import type { organisations as Zh } from '../zh/organisations'

export const organisations: typeof Zh = {
  organisations: {
    title: 'Organisations',
    lead: 'By division. The division of an organisation says what its accounts see.',
    none: 'No organisations yet',
    choose: 'Search by name or division code',
    id: 'Id',
    nameZh: 'Name in Chinese',
    nameEn: 'Name in English (may be left out)',
    level: 'Level',
    kind: 'Kind',
    parent: 'Organisation above',
    create: {
      title: 'New organisation',
      submit: 'Make organisation',
      idHint: 'Lower-case letters, digits, dots, hyphens and underscores. It stays as it is.',
      divisionHint: 'Division code, for instance 440104; it says the level as well.',
      done: 'The organisation was made',
    },
  },
}
