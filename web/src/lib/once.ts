/** A key that no other request has. */
function newKey(): string {
  // `randomUUID` is kept from pages that did not come over TLS.
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('')
}

/**
 * Keys for requests that make something. While the same is asked for again because no answer came, the key stays
 * the same, so that the server makes it once; what is made afterwards has another key, also when it is the same.
 */
export function makeOnce(): <T>(body: unknown, ask: (key: string) => Promise<T>) => Promise<T> {
  let asked = ''
  let key = ''

  return async (body, ask) => {
    const text = JSON.stringify(body)
    if (text !== asked) {
      asked = text
      key = newKey()
    }
    const made = await ask(key)
    asked = ''
    return made
  }
}
