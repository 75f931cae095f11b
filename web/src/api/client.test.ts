import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import { answer, api, nameLanguage, namePurpose, onCitizenUnauthorized, onUnauthorized } from './client'
import { ApiError, isAbort, problemOf } from './error'
import type { Problem } from './types'

const fetchStub = vi.fn<typeof fetch>()

function json(status: number, body: unknown): Response {
  return new Response(JSON.stringify(body), { status, headers: { 'content-type': status >= 400 ? 'application/problem+json' : 'application/json' } })
}

async function failure(call: Promise<unknown>): Promise<ApiError> {
  try {
    await call
  } catch (thrown) {
    if (thrown instanceof ApiError) return thrown
    throw thrown
  }
  throw new Error('the call succeeded')
}

beforeEach(() => {
  vi.stubGlobal('fetch', fetchStub)
  fetchStub.mockReset()
})
afterEach(() => {
  vi.unstubAllGlobals()
  onUnauthorized(() => undefined)
  onCitizenUnauthorized(() => undefined)
})

describe('answer', () => {
  it('gives the body of a success', async () => {
    fetchStub.mockResolvedValue(json(200, { batches: [] }))
    await expect(answer(api.GET('/api/v1/batches'))).resolves.toEqual({ batches: [] })
  })

  it('keeps code and status of a problem document', async () => {
    const problem: Problem = { type: 'about:blank', title: 'Busy', status: 503, detail: 'Wait.', code: 'STORE-BUSY' }
    fetchStub.mockResolvedValue(json(503, problem))
    const error = await failure(answer(api.GET('/api/v1/batches')))
    expect(error.code).toBe('STORE-BUSY')
    expect(error.status).toBe(503)
    expect(error.problem.detail).toBe('Wait.')
  })

  it('makes a code of the status when something else than the API answered', async () => {
    fetchStub.mockResolvedValue(new Response('<h1>Bad gateway</h1>', { status: 502, headers: { 'content-type': 'text/html' } }))
    expect((await failure(answer(api.GET('/api/v1/batches')))).code).toBe('HTTP-502')
  })

  it('says NETWORK when no answer came', async () => {
    fetchStub.mockRejectedValue(new TypeError('Failed to fetch'))
    const error = await failure(answer(api.GET('/api/v1/batches')))
    expect(error.code).toBe('NETWORK')
    expect(error.status).toBe(0)
  })

  it('lets a call that was given up stay what it is', async () => {
    fetchStub.mockRejectedValue(new DOMException('aborted', 'AbortError'))
    const thrown: unknown = await answer(api.GET('/api/v1/batches')).catch((error: unknown) => error)
    expect(isAbort(thrown)).toBe(true)
  })
})

describe('an ended session', () => {
  const ended: Problem = { type: 'about:blank', title: 'Not signed in', status: 401, code: 'AUTH-SESSION' }

  it('is told to the listener', async () => {
    const listener = vi.fn()
    onUnauthorized(listener)
    fetchStub.mockResolvedValue(json(401, ended))
    await failure(answer(api.GET('/api/v1/meta')))
    expect(listener).toHaveBeenCalledOnce()
  })

  it('is no news when one asks for the session or signs in', async () => {
    const listener = vi.fn()
    onUnauthorized(listener)
    fetchStub.mockImplementation(() => Promise.resolve(json(401, ended)))
    await failure(answer(api.GET('/api/v1/session')))
    await failure(answer(api.POST('/api/v1/session', { body: { username: 'a', password: 'b' } })))
    expect(listener).not.toHaveBeenCalled()
  })

  it('is not what a wrong present password means', async () => {
    const listener = vi.fn()
    onUnauthorized(listener)
    const change = () => answer(api.PUT('/api/v1/session/password', { body: { password: 'a', new_password: 'b' } }))
    fetchStub.mockResolvedValueOnce(json(401, { ...ended, code: 'AUTH-CREDENTIALS' }))
    expect((await failure(change())).code).toBe('AUTH-CREDENTIALS')
    expect(listener).not.toHaveBeenCalled()
    fetchStub.mockResolvedValueOnce(json(401, ended))
    await failure(change())
    expect(listener).toHaveBeenCalledOnce()
  })

  it('of the portal is told to the portal alone', async () => {
    const [console, portal] = [vi.fn(), vi.fn()]
    onUnauthorized(console)
    onCitizenUnauthorized(portal)
    fetchStub.mockImplementation(() => Promise.resolve(json(401, { ...ended, code: 'CITIZEN-SESSION' })))
    await failure(answer(api.GET('/api/v1/citizen/session')))
    expect(portal).not.toHaveBeenCalled()
    await failure(answer(api.GET('/api/v1/citizen/people/{person_id}', { params: { path: { person_id: 'p1' } } })))
    expect(portal).toHaveBeenCalledOnce()
    expect(console).not.toHaveBeenCalled()
  })
})

describe('the purpose', () => {
  afterEach(() => {
    namePurpose(() => null)
  })

  async function sent(): Promise<Request> {
    fetchStub.mockImplementation(() => Promise.resolve(json(200, {})))
    await answer(api.GET('/api/v1/lists/export.xlsx', { params: { query: { period: '2024-09', list: 'due' } }, parseAs: 'blob' }))
    return fetchStub.mock.calls.at(-1)?.[0] as Request
  }

  it('goes with every call, exports as well, as it is at that moment', async () => {
    let purpose = 'casework'
    namePurpose(() => purpose)
    expect((await sent()).headers.get('Huimin-Purpose')).toBe('casework')
    purpose = 'supervision'
    expect((await sent()).headers.get('Huimin-Purpose')).toBe('supervision')
  })

  it('is not named while none is chosen', async () => {
    expect((await sent()).headers.has('Huimin-Purpose')).toBe(false)
  })

  it('is never named in the portal', async () => {
    namePurpose(() => 'casework')
    fetchStub.mockImplementation(() => Promise.resolve(json(200, { people: [] })))
    await answer(api.GET('/api/v1/citizen/session'))
    expect((fetchStub.mock.calls.at(-1)?.[0] as Request).headers.has('Huimin-Purpose')).toBe(false)
  })
})

describe('the language of the page', () => {
  afterEach(() => {
    nameLanguage(() => null)
  })

  async function asked(): Promise<string | null> {
    fetchStub.mockImplementation(() => Promise.resolve(json(200, { people: [] })))
    await answer(api.GET('/api/v1/citizen/session'))
    return (fetchStub.mock.calls.at(-1)?.[0] as Request).headers.get('Accept-Language')
  }

  it('is asked for by every call, as it is at that moment', async () => {
    let language = 'zh'
    nameLanguage(() => language)
    expect(await asked()).toBe('zh')
    language = 'en'
    expect(await asked()).toBe('en')
  })

  it('is left to the browser until it is known', async () => {
    expect(await asked()).toBeNull()
  })
})

it('problemOf fills what a problem document leaves out', () => {
  expect(problemOf({ code: 'X' }, 418)).toEqual({ type: 'about:blank', title: '', status: 418, detail: null, code: 'X', request_id: null })
})
