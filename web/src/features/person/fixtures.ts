import type { Condition, Explanation } from '@/api/types'

/** A condition that held; tests say what is different. */
export function condition(different: Partial<Condition> = {}): Condition {
  return {
    id: 'age_reached',
    name: { zh: '年满 70 周岁', en: 'At least 70 years old' },
    held: true,
    article: '第二条',
    text: 'age >= 70',
    values: [
      {
        variable: 'age',
        name: { zh: '年龄', en: 'Age' },
        kind: 'integer',
        value: '83',
        unit: 'years',
        sources: [
          {
            dataset: 'household_register',
            dataset_name: { zh: '户籍人口', en: 'Household register' },
            record_id: '0123456789abcdef01234567:subject',
            row: 20331,
            as_of: '2024-09-30',
            delivery_id: 'd0001020304',
          },
        ],
      },
    ],
    ask: null,
    ...different,
  }
}

/** An explanation of somebody who is entitled; tests say what is different. */
export function explanation(different: Partial<Explanation> = {}): Explanation {
  return {
    policy: 'longevity-allowance',
    name: { zh: '长者长寿保健金', en: 'Longevity health allowance' },
    outcome: 'eligible',
    amount_fen: 10000,
    period: '2024-09',
    known_at: '2024-10-05',
    rule_version: '9f2b6c0c',
    legal_basis: [{ title: '某市老年人优待办法', number: '某府规〔2020〕1 号', article: '第二条' }],
    conditions: [condition()],
    parameters: [
      {
        id: 'yuan_by_age',
        kind: 'bracket',
        unit: 'CNY/month',
        value: null,
        entries: [
          { key: '70', value: '30' },
          { key: '80', value: '100' },
        ],
        from: '2022-01-01',
        to: null,
        basis: '某民〔2021〕3 号',
        evidence: 'found',
        verify: true,
      },
    ],
    text: { zh: '全部条件成立。', en: 'All conditions hold.' },
    ...different,
  }
}
