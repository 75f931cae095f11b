/** What a partner runs to make a pair of keys: the first file never leaves them, what the second line prints is handed over. */
export const KEY_COMMANDS = ['openssl genpkey -algorithm ed25519 -out private.pem', 'openssl pkey -in private.pem -pubout'] as const

/** Last day of a key, in days from now; the server says two years. */
export const LONGEST_DAYS = 2 * 366 - 1

/** Whether somebody pasted what is to stay with its owner. */
export function isPrivateKey(pem: string): boolean {
  return /PRIVATE KEY/i.test(pem)
}
