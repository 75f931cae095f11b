import { createHmac } from 'node:crypto'

const STEP_S = 30

/** The code that a telephone shows (RFC 6238): SHA-1, six digits, half minutes. */
export function totp(secret, ahead = 0) {
  let bits = ''
  for (const letter of secret.replace(/[\s=]/g, '')) bits += 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter).toString(2).padStart(5, '0')
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => Number.parseInt(byte, 2)))
  const counter = Buffer.alloc(8)
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 1000 / STEP_S) + ahead))
  const digest = createHmac('sha1', key).update(counter).digest()
  const value = digest.readUInt32BE(digest.at(-1) & 15) & 0x7fffffff
  return String(value % 1_000_000).padStart(6, '0')
}
