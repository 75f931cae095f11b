/**
 * Whether a search text is, or is about to be, an identity number.
 * Such a text never goes into the page's address, because addresses stay in the browser's history.
 */
export function isSensitive(search: string): boolean {
  return /\d{6,}/.test(search.replace(/[\s-]/g, ''))
}
