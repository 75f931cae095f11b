import { expect, it } from 'vitest'

import { withPurpose } from './request'

const HERE = 'https://huimin.example/reference'

function sent(url: string, purpose: string | null) {
  return withPurpose({ url, headers: { accept: 'application/json' } }, purpose, HERE).headers
}

it('names the purpose that was chosen', () => {
  expect(sent('https://huimin.example/api/v1/lists?period=2024-01', 'casework')).toEqual({ accept: 'application/json', 'Huimin-Purpose': 'casework' })
  expect(sent('/api/v1/lists', 'casework')).toHaveProperty('Huimin-Purpose', 'casework')
})

it('names none without one, to the portal, and to any other server', () => {
  for (const headers of [
    sent('/api/v1/lists', null),
    sent('/api/v1/citizen/session', 'casework'),
    sent('https://elsewhere.example/api/v1/lists', 'casework'),
  ]) {
    expect(headers).toEqual({ accept: 'application/json' })
  }
})
