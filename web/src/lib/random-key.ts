/** 128 random bits as 32 hexadecimal digits. */
export function randomKey(): string {
  // `randomUUID` is kept from pages that did not come over TLS.
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('')
}
