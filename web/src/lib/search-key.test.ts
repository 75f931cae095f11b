import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { chordName, isSearchKey } from './search-key'

let root: HTMLElement

/** What is asked for when a key is pressed on the element of that selector. */
function asks(on: string, init: KeyboardEventInit, slash = true): boolean {
  let asked: boolean | undefined
  const listen = (event: KeyboardEvent) => {
    asked = isSearchKey(event, slash)
  }
  window.addEventListener('keydown', listen)
  root.querySelector(on)?.dispatchEvent(new KeyboardEvent('keydown', { bubbles: true, cancelable: true, ...init }))
  window.removeEventListener('keydown', listen)
  if (asked === undefined) throw new Error(`nothing was pressed on ${on}`)
  return asked
}

beforeEach(() => {
  root = document.createElement('div')
  root.innerHTML = `
    <a href="/">a</a> <button>b</button> <input id="tick" type="checkbox"> <input id="text" type="text"> <input id="plain"> <textarea></textarea>
    <select></select> <p contenteditable="true"><b>c</b></p> <div aria-modal="true"><i tabindex="0">d</i></div>`
  document.body.append(root)
})
afterEach(() => {
  root.remove()
})

describe('isSearchKey', () => {
  it('knows the slash, with the shift key where the keyboard needs it, and K with Ctrl or Command', () => {
    for (const on of ['a', 'button', '#tick']) {
      expect(asks(on, { key: '/' })).toBe(true)
      expect(asks(on, { key: '/', shiftKey: true })).toBe(true)
      expect(asks(on, { key: 'k', ctrlKey: true })).toBe(true)
      expect(asks(on, { key: 'K', metaKey: true })).toBe(true)
    }
  })

  it('leaves other keys to others', () => {
    for (const init of [
      { key: 'k' },
      { key: 'k', ctrlKey: true, metaKey: true },
      { key: 'k', ctrlKey: true, shiftKey: true },
      { key: 'k', ctrlKey: true, altKey: true },
      { key: '/', ctrlKey: true },
      { key: '/', metaKey: true },
      { key: '/', altKey: true },
      { key: '?', shiftKey: true },
      { key: '/', isComposing: true },
    ]) {
      expect(asks('a', init), JSON.stringify(init)).toBe(false)
    }
  })

  it('has the chord alone where the slash is switched off', () => {
    expect(asks('a', { key: '/' }, false)).toBe(false)
    expect(asks('a', { key: 'k', ctrlKey: true }, false)).toBe(true)
  })

  it('does not disturb what is typed, nor a dialog', () => {
    for (const on of ['#text', '#plain', 'textarea', 'select', 'b', 'i']) {
      expect(asks(on, { key: '/' }), on).toBe(false)
      expect(asks(on, { key: 'k', ctrlKey: true }), on).toBe(false)
    }
  })

  it('is not asked by a key that something else has used', () => {
    const use = (event: Event) => {
      event.preventDefault()
    }
    root.addEventListener('keydown', use)
    expect(asks('a', { key: '/' })).toBe(false)
  })
})

describe('chordName', () => {
  it('is that of the keyboard', () => {
    expect(['MacIntel', 'iPad', 'Win32', 'Linux x86_64', ''].map(chordName)).toEqual(['⌘K', '⌘K', 'Ctrl+K', 'Ctrl+K', 'Ctrl+K'])
  })
})
