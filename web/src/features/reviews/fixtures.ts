import type { LinkReview, LinkReviewsPage, PersonSummary, ReviewedPerson } from '@/api/types'

/** A person of a pair; tests say what is different. */
export function person(different: Partial<PersonSummary> = {}, fileOpens = true): ReviewedPerson {
  return {
    summary: {
      person_id: 'P1',
      name: 'Zhang San',
      sex: '1',
      birth_date: '1950-01-03',
      age: 74,
      id_number: '440199********0014',
      division: '440104001',
      division_name: { zh: '甲街', en: 'First Street' },
      vital_status: 'alive',
      records: 2,
      ...different,
    },
    datasets: [{ code: 'vehicle', name: { zh: '机动车', en: 'Vehicles' } }],
    file_opens: fileOpens,
  }
}

/** A pair that agrees in all but the birth date and the number, which one of them lacks. */
export function pair(different: Partial<LinkReview> = {}): LinkReview {
  return {
    record_id: '00ff:subject',
    dataset: 'vehicle',
    dataset_name: { zh: '机动车', en: 'Vehicles' },
    role: 'subject',
    weight: 2.1,
    person: person({ person_id: 'P1', id_number: null, records: 1 }),
    other: person({ person_id: 'P2', birth_date: '1950-01-30' }),
    ...different,
  }
}

/** A page of pairs. */
export function page(different: Partial<LinkReviewsPage> = {}): LinkReviewsPage {
  return { period: '2024-02', pairs: [pair()], total: 1, next: null, ...different }
}
