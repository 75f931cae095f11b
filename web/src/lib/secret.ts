/** Letters and digits that are not mistaken for each other; 32 of them, so that five random bits choose one. */
const LETTERS = 'abcdefghjkmnpqrstuvwxyz023456789'

/** A password of 100 random bits in four groups, for somebody to type once. */
export function generatePassword(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(20))
  const letters = Array.from(bytes, (byte) => LETTERS.charAt(byte % LETTERS.length))
  return [0, 5, 10, 15].map((at) => letters.slice(at, at + 5).join('')).join('-')
}
