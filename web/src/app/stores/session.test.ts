import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import type { Session } from '@/api/types'

import { powers, session } from './fixtures'
import { useSessionStore } from './session'

const fetchStub = vi.fn<typeof fetch>()

function answered(status: number, body: unknown): void {
  fetchStub.mockResolvedValueOnce(new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json' } }))
}

async function signedIn(as: Session) {
  answered(200, as)
  const store = useSessionStore()
  await store.restore()
  return store
}

const none = powers(null, 'meta.read', 'overview.read')
const casework = powers('casework', 'meta.read', 'overview.read', 'person.search')
const supervision = powers('supervision', 'meta.read', 'overview.read', 'trail.read')

beforeEach(() => {
  vi.stubGlobal('fetch', fetchStub)
  fetchStub.mockReset()
  sessionStorage.clear()
  setActivePinia(createPinia())
})
afterEach(() => {
  vi.unstubAllGlobals()
})

describe('restore', () => {
  it('asks the server once', async () => {
    const store = await signedIn(session())
    await store.restore()
    expect(fetchStub).toHaveBeenCalledOnce()
    expect(store.user?.username).toBe('wu')
  })

  it('knows that nobody is signed in', async () => {
    answered(401, { code: 'AUTH-SESSION' })
    const store = useSessionStore()
    expect(await store.restore()).toBeNull()
    expect(store.may('overview.read')).toBe(false)
  })

  it('does not take an error for an answer', async () => {
    answered(503, { code: 'STORE-BUSY' })
    const store = useSessionStore()
    await expect(store.restore()).rejects.toThrow('STORE-BUSY')
    expect(store.session).toBeUndefined()
  })
})

describe('purpose', () => {
  it('is the only one that is granted', async () => {
    expect((await signedIn(session({ powers: [none, casework] }))).purpose).toBe('casework')
  })

  it('is none while one of several has to be chosen', async () => {
    const store = await signedIn(session({ powers: [none, casework, supervision] }))
    expect(store.granted).toEqual(['casework', 'supervision'])
    expect(store.purpose).toBeNull()
    store.choose('supervision')
    expect(store.purpose).toBe('supervision')
  })

  it('is kept in this window', async () => {
    ;(await signedIn(session({ powers: [none, casework, supervision] }))).choose('supervision')
    setActivePinia(createPinia())
    expect((await signedIn(session({ powers: [none, casework, supervision] }))).purpose).toBe('supervision')
  })

  it('is given up when it is no longer granted', async () => {
    sessionStorage.setItem('huimin.purpose', 'payment')
    expect((await signedIn(session({ powers: [none, casework, supervision] }))).purpose).toBeNull()
    setActivePinia(createPinia())
    expect((await signedIn(session({ powers: [none, casework] }))).purpose).toBe('casework')
  })

  it('is not left to whoever signs in next', async () => {
    const store = await signedIn(session({ powers: [none, casework, supervision] }))
    store.choose('supervision')
    fetchStub.mockResolvedValueOnce(new Response(null, { status: 204 }))
    await store.signOut()
    expect(sessionStorage.getItem('huimin.purpose')).toBeNull()
    answered(200, session({ powers: [none, casework, supervision] }))
    await store.signIn({ username: 'a', password: 'b' })
    expect(store.purpose).toBeNull()
  })
})

describe('may', () => {
  it('counts what needs no purpose and what the chosen one allows, nothing else', async () => {
    const store = await signedIn(session({ powers: [none, casework, supervision] }))
    expect(store.may('overview.read')).toBe(true)
    expect(store.may('person.search')).toBe(false)
    expect(store.mayForSome('person.search')).toBe(true)
    expect(store.mayForSome('user.read')).toBe(false)
    store.choose('casework')
    expect(store.may('person.search')).toBe(true)
    expect(store.may('trail.read')).toBe(false)
    expect(store.purposesFor('trail.read')).toEqual(['supervision'])
  })
})
