import { randomKey } from './random-key'

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
      key = randomKey()
    }
    const made = await ask(key)
    asked = ''
    return made
  }
}
