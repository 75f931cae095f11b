import { expect, it } from 'vitest'

import { cityDay, daysUntil, endOfDay, lastDay } from './day'

it('knows the day on the clock of the city', () => {
  expect(cityDay(0, Date.parse('2024-10-05T15:59:59Z'))).toBe('2024-10-05')
  expect(cityDay(0, Date.parse('2024-10-05T16:00:00Z'))).toBe('2024-10-06')
  expect(cityDay(365, Date.parse('2024-10-05T16:00:00Z'))).toBe('2025-10-06')
})

it('ends a day at midnight of the city', () => {
  expect(endOfDay('2024-12-31')).toBe('2024-12-31T16:00:00.000Z')
  expect(endOfDay('')).toBeNull()
  expect(endOfDay('2024-13-01')).toBeNull()
})

it('knows the last day before an instant', () => {
  expect(lastDay('2024-12-31T16:00:00Z')).toBe('2024-12-31')
  expect(lastDay('2024-12-31T16:00:01Z')).toBe('2025-01-01')
  expect(lastDay(endOfDay('2024-02-29'))).toBe('2024-02-29')
  expect(lastDay(null)).toBe('—')
})

it('counts days of the calendar', () => {
  expect(daysUntil('2024-03-01', '2024-02-28')).toBe(2)
  expect(daysUntil('2024-02-28', '2024-02-28')).toBe(0)
  expect(daysUntil('2023-12-31', '2024-01-02')).toBe(-2)
})
