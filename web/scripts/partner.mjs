import { createHash, generateKeyPairSync, randomUUID, sign } from 'node:crypto'

/**
 * A partner's program with a pair of keys. `ask` sends a JSON body as HTTP Message Signatures (RFC 9421, with Ed25519) and
 * Digest Fields (RFC 9530) say, and returns status and body of the answer.
 */
export function newProgram() {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')

  async function ask(address, body, keyId, nonce = randomUUID()) {
    const url = new URL(address)
    const text = JSON.stringify(body)
    const digest = `sha-256=:${createHash('sha256').update(text).digest('base64')}:`
    const parts = { '@method': 'POST', '@authority': url.host, '@path': url.pathname, 'content-digest': digest }
    const covered = Object.keys(parts)
      .map((name) => `"${name}"`)
      .join(' ')
    const parameters = `(${covered});created=${Math.floor(Date.now() / 1000)};keyid="${keyId}";alg="ed25519";nonce="${nonce}"`
    const lines = Object.entries({ ...parts, '@signature-params': parameters }).map(([name, value]) => `"${name}": ${value}`)
    const signature = sign(null, Buffer.from(lines.join('\n')), privateKey).toString('base64')
    const headers = { 'content-type': 'application/json', 'content-digest': digest, 'signature-input': `sig=${parameters}`, signature: `sig=:${signature}:` }
    const answer = await fetch(url, { method: 'POST', headers, body: text })
    return { status: answer.status, body: await answer.json() }
  }

  return {
    publicPem: publicKey.export({ type: 'spki', format: 'pem' }).trim(),
    privatePem: privateKey.export({ type: 'pkcs8', format: 'pem' }).trim(),
    ask,
  }
}

/** Makes something over the API, with the session of a page. */
export async function make(page, address, data) {
  const answer = await page.request.post(address, { headers: { 'idempotency-key': randomUUID() }, data })
  if (answer.status() !== 201) throw new Error(`${address} answered ${answer.status()}: ${await answer.text()}`)
  return answer.json()
}

/** A program with a key and an agreement, written down by the security administrator whose page it is. */
export async function makeClient(page, { id, name, organisation, policy, basis }) {
  const until = new Date(Date.now() + 200 * 24 * 3_600_000).toISOString()
  const client = await make(page, '/api/v1/api-clients', { client_id: id, name, organisation })
  const address = `/api/v1/api-clients/${client.client_id}`
  await make(page, `${address}/keys`, { public_key: newProgram().publicPem, until })
  await make(page, `${address}/agreements`, { policy, basis, until })
  return `/console/clients/${client.client_id}`
}
