/** The city's clock is eight hours ahead all year. */
const CITY_OFFSET_HOURS = 8
const HOUR_MS = 3_600_000

/** The day on the city's calendar, some days from now: `2024-10-06`. */
export function cityDay(daysFromNow = 0, now = Date.now()): string {
  return new Date(now + (CITY_OFFSET_HOURS + daysFromNow * 24) * HOUR_MS).toISOString().slice(0, 10)
}

/** The instant at which a day of the city has ended; null for what is no day. */
export function endOfDay(day: string): string | null {
  const begin = Date.parse(`${day}T00:00:00Z`)
  if (!/^\d{4}-\d{2}-\d{2}$/.test(day) || Number.isNaN(begin)) return null
  return new Date(begin + (24 - CITY_OFFSET_HOURS) * HOUR_MS).toISOString()
}

/** The last day of the city on which something holds that ends at an instant; a dash if it does not end. */
export function lastDay(instant: string | null | undefined): string {
  const end = Date.parse(instant ?? '')
  return Number.isNaN(end) ? '—' : cityDay(0, end - 1)
}

/** How many days of the calendar there are from a day to another; negative if that is past. */
export function daysUntil(day: string, from: string): number {
  return Math.round((Date.parse(`${day}T00:00:00Z`) - Date.parse(`${from}T00:00:00Z`)) / (24 * HOUR_MS))
}
