import createClient, { type Middleware } from 'openapi-fetch'

import { ApiError, isAbort, problemOf, toApiError } from './error'
import type { paths } from './schema'

type Unauthorized = () => void

let whenUnauthorized: Unauthorized = () => undefined
let whenCitizenUnauthorized: Unauthorized = () => undefined

/** Says what happens when a call is answered with 401: the session has ended. */
export function onUnauthorized(listener: Unauthorized): void {
  whenUnauthorized = listener
}

/** The same for the calls of the portal, whose session is another one. */
export function onCitizenUnauthorized(listener: Unauthorized): void {
  whenCitizenUnauthorized = listener
}

const CITIZEN = '/api/v1/citizen/'
/** Asking for a session and signing in answer 401 in the normal course of things. */
const SESSIONS = ['/api/v1/session', '/api/v1/oidc/staff/session', `${CITIZEN}session`]

const sessionGuard: Middleware = {
  async onResponse({ response, schemaPath }) {
    if (response.status !== 401 || SESSIONS.includes(schemaPath)) return undefined
    if (schemaPath.startsWith(CITIZEN)) {
      whenCitizenUnauthorized()
      return undefined
    }
    // A wrong present password is no end of the session.
    const body: unknown = schemaPath === '/api/v1/session/password' ? await response.clone().json().catch(() => null) : null
    if (problemOf(body, 401).code !== 'AUTH-CREDENTIALS') whenUnauthorized()
    return undefined
  },
}

let purposeNow: () => string | null = () => null

/** Says where calls learn what the reader looks at persons for. */
export function namePurpose(purpose: () => string | null): void {
  purposeNow = purpose
}

const purposeNamer: Middleware = {
  onRequest({ request, schemaPath }) {
    const purpose = purposeNow()
    // In the portal, how somebody stands to a person is the purpose, and the server knows it.
    if (purpose !== null && !schemaPath.startsWith(CITIZEN)) request.headers.set('Huimin-Purpose', purpose)
    return undefined
  },
}

let languageNow: () => string | null = () => null

/** Says where calls learn the language of the page: problems whose code the page has no words for are shown in the server's. */
export function nameLanguage(language: () => string | null): void {
  languageNow = language
}

const languageNamer: Middleware = {
  onRequest({ request }) {
    const language = languageNow()
    if (language !== null) request.headers.set('Accept-Language', language)
    return undefined
  },
}

const client = createClient<paths>({
  credentials: 'same-origin',
  // Looked up at each call, so that a test can put its own in place.
  fetch: (request) => globalThis.fetch(request),
})
client.use(sessionGuard, purposeNamer, languageNamer)

/** The typed client; pass its calls through `answer`. */
export const api = client

interface Outcome<T> {
  data?: T
  error?: unknown
  response: Response
}

/** The body of a successful call; everything else is thrown as an `ApiError` (a given-up call as its `AbortError`). */
export async function answer<T>(call: Promise<Outcome<T>>): Promise<T> {
  let outcome: Outcome<T>
  try {
    outcome = await call
  } catch (thrown) {
    if (isAbort(thrown)) throw thrown
    throw toApiError(thrown)
  }
  if (!outcome.response.ok) throw new ApiError(problemOf(outcome.error, outcome.response.status))
  return outcome.data as T
}
