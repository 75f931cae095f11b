// An OpenID Connect provider for the browser tests, the certified `oidc-provider` with a sign-in page of its own: node e2e/provider.mjs
//   APP            where the application is reached; the provider leads back there alone
//   CLIENT_SECRET  what its two clients, `console` and `portal`, prove themselves with
//   CITIZENS       people of the city, as a JSON list of {name, id_number}; each signs in as `citizen-<number in the list>`
// Writes its address as the first line. It is of another site than the application (localhost and 127.0.0.1), as a real one is, so that
// the browser holds back the cookies that it would hold back there.
import { generateKeyPairSync, randomBytes } from 'node:crypto'
import http from 'node:http'

import { Provider } from 'oidc-provider'

const { APP, CLIENT_SECRET, CITIZENS = '[]' } = process.env
if (!APP || !CLIENT_SECRET) throw new Error('APP and CLIENT_SECRET are not set')

const citizens = JSON.parse(CITIZENS)

/** What is said of somebody; the staff has an id alone, and strangers have a number that nobody has. */
function claimsOf(id) {
  const citizen = citizens[Number(/^citizen-(\d+)$/.exec(id)?.[1] ?? Number.NaN)]
  if (citizen) return { name: citizen.name, id_number: citizen.id_number }
  return id === 'stranger' ? { name: 'Nobody', id_number: '44019919900307281X' } : {}
}

function client(id, whom) {
  return {
    client_id: id,
    client_secret: CLIENT_SECRET,
    grant_types: ['authorization_code'],
    response_types: ['code'],
    redirect_uris: [`${APP}/api/v1/oidc/${whom}/callback`],
  }
}

const server = http.createServer()
await new Promise((resolve) => server.listen(0, 'localhost', resolve))
const issuer = `http://localhost:${server.address().port}`

const key = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'jwk' })
const provider = new Provider(issuer, {
  clients: [client('console', 'staff'), client('portal', 'citizens')],
  jwks: { keys: [{ ...key, kid: 'e2e', use: 'sig', alg: 'RS256' }] },
  cookies: { keys: [randomBytes(32).toString('hex')] },
  claims: { openid: ['sub', 'amr'], profile: ['name', 'id_number'] },
  pkce: { required: () => true },
  features: { devInteractions: { enabled: false } },
  interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
  findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id, ...claimsOf(id) }) }),
  // Nobody is asked whether these two may know.
  async loadExistingGrant(context) {
    const grant = new context.oidc.provider.Grant({ clientId: context.oidc.client.clientId, accountId: context.oidc.session.accountId })
    grant.addOIDCScope('openid profile')
    await grant.save()
    return grant
  },
})

function page(uid) {
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Provider</title></head><body>
<h1>Provider</h1>
<form method="post" action="/interaction/${uid}">
  <label>Id <input name="login" required></label>
  <label><input type="checkbox" name="otp" value="1"> with a one-time password</label>
  <button>Sign in</button>
</form>
<form method="post" action="/interaction/${uid}"><button name="cancel" value="1">Cancel</button></form>
</body></html>`
}

async function formOf(request) {
  let body = ''
  for await (const chunk of request) body += chunk
  return new URLSearchParams(body)
}

async function interact(request, response) {
  const { uid } = await provider.interactionDetails(request, response)
  if (request.method === 'GET') {
    response.setHeader('content-type', 'text/html; charset=utf-8')
    response.end(page(uid))
    return
  }
  const form = await formOf(request)
  const login = form.get('login')
  const amr = form.has('otp') ? ['pwd', 'otp', 'mfa'] : ['pwd']
  const result = login ? { login: { accountId: login, amr } } : { error: 'access_denied', error_description: 'the user went away' }
  await provider.interactionFinished(request, response, result, { mergeWithLastSubmission: false })
}

const answer = provider.callback()
server.on('request', (request, response) => {
  if (!request.url.startsWith('/interaction/')) {
    answer(request, response)
    return
  }
  interact(request, response).catch((error) => {
    console.error(error)
    response.statusCode = 400
    response.end(String(error))
  })
})
provider.on('server_error', (_, error) => console.error(error))
console.log(issuer)
