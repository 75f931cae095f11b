import { describe, expect, it } from 'vitest'

import { formatCompact, formatDecimalText, formatInstant, formatMoney, formatNumber, formatPeriod, formatYuanText, shorten, splitDuration } from './format'

describe('money', () => {
  it.each([
    [0, '¥0.00'],
    [5, '¥0.05'],
    [99, '¥0.99'],
    [100, '¥1.00'],
    [123456, '¥1,234.56'],
    [100000000000, '¥1,000,000,000.00'],
    [-700, '-¥7.00'],
    // Beyond what a float of yuan could hold to the fen.
    [9007199254740991, '¥90,071,992,547,409.91'],
  ])('%i fen are written %s', (fen, written) => {
    expect(formatMoney(fen)).toBe(written)
  })

  it('writes a dash for money that is not known, never zero', () => {
    expect(formatMoney(null)).toBe('—')
    expect(formatMoney(undefined)).toBe('—')
  })

  it('writes yuan in text with two digits after the point', () => {
    expect(formatYuanText('1830')).toBe('¥1,830.00')
    expect(formatYuanText('1830.5')).toBe('¥1,830.50')
    expect(formatYuanText('-12.345')).toBe('-¥12.345')
    expect(formatYuanText('n/a')).toBe('n/a')
  })
})

describe('figures', () => {
  it('groups thousands in both languages', () => {
    expect(formatNumber(1234567, 'zh')).toBe('1,234,567')
    expect(formatNumber(1234567, 'en')).toBe('1,234,567')
    expect(formatNumber(null, 'zh')).toBe('—')
  })

  it('shortens by ten thousands in Chinese and by thousands in English', () => {
    expect(formatCompact(123000, 'zh')).toBe('12.3万')
    expect(formatCompact(123000, 'en')).toBe('123k')
  })

  it('keeps the exact digits of a decimal in text', () => {
    expect(formatDecimalText('1282')).toBe('1,282')
    expect(formatDecimalText('0.30')).toBe('0.30')
    expect(formatDecimalText('12345678901234567890.12')).toBe('12,345,678,901,234,567,890.12')
    expect(formatDecimalText('2024-01')).toBe('2024-01')
  })

  it('shortens a hash only if it is long', () => {
    expect(shorten('abcdef', 6)).toBe('abcdef')
    expect(shorten('abcdefg', 6)).toBe('abcdef…')
  })
})

describe('times', () => {
  it('names a month as people say it', () => {
    expect(formatPeriod('2024-09', 'zh')).toBe('2024年9月')
    expect(formatPeriod('2024-09', 'en')).toBe('September 2024')
    expect(formatPeriod('soon', 'en')).toBe('soon')
  })

  it('shows an instant on the clock of the city, whatever the browser is set to', () => {
    expect(formatInstant('2024-10-05T17:30:00Z')).toBe('2024-10-06 01:30')
    expect(formatInstant('2024-10-05T16:00:00Z')).toBe('2024-10-06 00:00')
    expect(formatInstant(null)).toBe('—')
    expect(formatInstant('never')).toBe('never')
  })

  it('splits wall times without writing 60 seconds', () => {
    expect(splitDuration(812)).toEqual({ unit: 'milliseconds', count: '812' })
    expect(splitDuration(4210)).toEqual({ unit: 'seconds', count: '4.2' })
    expect(splitDuration(59_949)).toEqual({ unit: 'seconds', count: '59.9' })
    expect(splitDuration(59_950)).toEqual({ unit: 'minutes', minutes: '1', seconds: '00' })
    expect(splitDuration(125_000)).toEqual({ unit: 'minutes', minutes: '2', seconds: '05' })
  })
})
