import { expect, it } from 'vitest'

import { sorted } from './benefits'
import { decision } from './fixtures'

it('puts what is paid first, then what is asked, then the rest', () => {
  const decisions = [
    decision({ policy: 'none', outcome: 'not', amount_fen: null }),
    decision({ policy: 'service', amount_fen: null }),
    decision({ policy: 'small', amount_fen: 3000 }),
    decision({ policy: 'open', outcome: 'ask', amount_fen: null }),
    decision({ policy: 'later', outcome: 'not_applicable', amount_fen: null }),
    decision({ policy: 'large', amount_fen: 120_000 }),
  ]
  const { given, asked, others } = sorted(decisions)
  expect(given.map((each) => each.policy)).toEqual(['large', 'small', 'service'])
  expect(asked.map((each) => each.policy)).toEqual(['open'])
  expect(others.map((each) => each.policy)).toEqual(['none', 'later'])
  expect(decisions[0]?.policy).toBe('none')
})
