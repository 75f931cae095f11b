/** What is typed into: there a key is a character of a text, or leads to a choice. */
const FIELDS = 'input:not([type="checkbox"], [type="radio"]), textarea, select, [contenteditable]:not([contenteditable="false"])'

/**
 * Whether a key that was pressed asks for the search: Ctrl or Command with K, and `/` as well where `slash` says so. It does not while
 * something is typed into a field, nor in a dialog, which the reader has to leave first.
 */
export function isSearchKey(event: KeyboardEvent, slash: boolean): boolean {
  if (event.defaultPrevented || event.isComposing || event.altKey) return false
  const chord = event.key.toLowerCase() === 'k' && event.ctrlKey !== event.metaKey && !event.shiftKey
  // On some keyboards the slash needs the shift key.
  const character = slash && event.key === '/' && !event.ctrlKey && !event.metaKey
  if (!chord && !character) return false
  const { target } = event
  return !(target instanceof Element && target.closest(`${FIELDS}, [aria-modal="true"]`))
}

/** What the chord is called on the reader's keyboard. */
export function chordName(platform: string): string {
  return /^(?:Mac|iP)/.test(platform) ? '⌘K' : 'Ctrl+K'
}
