/** How figures, money and times are written. Pure functions; the language is an argument. */

export type Locale = 'zh' | 'en'

const TAG: Record<Locale, string> = { zh: 'zh-CN', en: 'en-GB' }

/** The city's own time zone: an instant is shown as the clock on the wall there. */
const CITY_TIME_ZONE = 'Asia/Shanghai'

const UNKNOWN = '—'

export function languageTag(locale: Locale): string {
  return TAG[locale]
}

/** `1234567` as `1,234,567`. */
export function formatNumber(value: number | null | undefined, locale: Locale): string {
  if (value === null || value === undefined) return UNKNOWN
  return new Intl.NumberFormat(TAG[locale], { maximumFractionDigits: 2 }).format(value)
}

/** Short form for chart axes: `123k` in English, in ten thousands in Chinese. */
export function formatCompact(value: number, locale: Locale): string {
  return new Intl.NumberFormat(TAG[locale], { notation: 'compact', maximumFractionDigits: 1 }).format(value)
}

/** `0.1234` as `12.3%`. */
export function formatShare(value: number, locale: Locale): string {
  return new Intl.NumberFormat(TAG[locale], { style: 'percent', maximumFractionDigits: 1 }).format(value)
}

function group(digits: string): string {
  return digits.replace(/\B(?=(\d{3})+$)/g, ',')
}

/** Integer fen as `¥1,234.56`. Works on digits, so that no amount is ever rounded. */
export function formatMoney(fen: number | null | undefined): string {
  if (fen === null || fen === undefined) return UNKNOWN
  const digits = Math.abs(fen).toFixed(0).padStart(3, '0')
  return `${fen < 0 ? '-' : ''}¥${group(digits.slice(0, -2))}.${digits.slice(-2)}`
}

/** An exact decimal in text, grouped: `1830.00` as `1,830.00`. Text that is no decimal stays as it is. */
export function formatDecimalText(text: string): string {
  const match = /^(-?)(\d+)(\.\d+)?$/.exec(text)
  if (!match) return text
  const [, sign = '', whole = '', fraction = ''] = match
  return `${sign}${group(whole)}${fraction}`
}

/** A decimal in text that is an amount in yuan: `1830` as `¥1,830.00`. */
export function formatYuanText(text: string): string {
  const match = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text)
  if (!match) return text
  const [, sign = '', whole = '', fraction = ''] = match
  return `${sign}¥${group(whole)}.${fraction.padEnd(2, '0')}`
}

/** A month `2024-09` as people say it. */
export function formatPeriod(period: string, locale: Locale): string {
  const match = /^(\d{4})-(\d{2})$/.exec(period)
  if (!match) return period
  const date = new Date(Date.UTC(Number(match[1]), Number(match[2]) - 1, 1))
  return new Intl.DateTimeFormat(TAG[locale], { year: 'numeric', month: 'long', timeZone: 'UTC' }).format(date)
}

/** An instant as `2024-10-06 09:12` on the city's clock. Text that is no instant stays as it is. */
export function formatInstant(instant: string | null | undefined): string {
  if (instant === null || instant === undefined) return UNKNOWN
  const date = new Date(instant)
  if (Number.isNaN(date.getTime())) return instant
  const parts = new Intl.DateTimeFormat('en-GB', {
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
    timeZone: CITY_TIME_ZONE,
  }).formatToParts(date)
  const part = (type: Intl.DateTimeFormatPartTypes): string => parts.find((each) => each.type === type)?.value ?? ''
  return `${part('year')}-${part('month')}-${part('day')} ${part('hour')}:${part('minute')}`
}

export type Duration = { unit: 'milliseconds'; count: string } | { unit: 'seconds'; count: string } | { unit: 'minutes'; minutes: string; seconds: string }

/** A wall time, split so that the message files can name the units. */
export function splitDuration(ms: number): Duration {
  if (ms < 1000) return { unit: 'milliseconds', count: String(Math.round(ms)) }
  // 59.95 s and more would be written as 60.0 s.
  if (ms < 59_950) return { unit: 'seconds', count: (ms / 1000).toFixed(1) }
  const seconds = Math.round(ms / 1000)
  return { unit: 'minutes', minutes: String(Math.floor(seconds / 60)), seconds: String(seconds % 60).padStart(2, '0') }
}

/** The beginning of a long hash or id, enough to tell two apart by eye. */
export function shorten(id: string, length = 12): string {
  return id.length > length ? `${id.slice(0, length)}…` : id
}
