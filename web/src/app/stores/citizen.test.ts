import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import { seesWho, useCitizenStore } from './citizen'
import { affiliated } from './fixtures'

const fetchStub = vi.fn<typeof fetch>()

function answered(status: number, body: unknown): void {
  fetchStub.mockResolvedValueOnce(new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json' } }))
}

beforeEach(() => {
  vi.stubGlobal('fetch', fetchStub)
  fetchStub.mockReset()
  setActivePinia(createPinia())
})
afterEach(() => {
  vi.unstubAllGlobals()
})

const ward = affiliated({ person_id: 'p2', standing: 'guardian' })

describe('the session of the portal', () => {
  it('is asked for once, and knows whose affairs may be seen', async () => {
    answered(200, { people: [affiliated(), ward] })
    const store = useCitizenStore()
    expect((await store.restore())?.person_id).toBe('p1')
    await store.restore()
    expect(fetchStub).toHaveBeenCalledOnce()
    expect(store.person('p2')).toEqual(ward)
    expect(store.person('p3')).toBeNull()
  })

  it('knows that nobody is signed in', async () => {
    answered(401, { code: 'CITIZEN-SESSION' })
    const store = useCitizenStore()
    expect(await store.restore()).toBeNull()
    expect(store.people).toEqual([])
  })

  it('does not take an error for an answer', async () => {
    answered(503, { code: 'OVERLOADED' })
    const store = useCitizenStore()
    await expect(store.restore()).rejects.toThrow('OVERLOADED')
    expect(store.session).toBeUndefined()
  })

  it('stands while signing out does not succeed', async () => {
    answered(200, { people: [affiliated()] })
    const store = useCitizenStore()
    await store.restore()
    answered(503, { code: 'OVERLOADED' })
    await expect(store.signOut()).rejects.toThrow('OVERLOADED')
    expect(store.own?.person_id).toBe('p1')
    fetchStub.mockResolvedValueOnce(new Response(null, { status: 204 }))
    await store.signOut()
    expect(store.own).toBeNull()
  })
})

it('who else sees and acts is for oneself and one’s wards', () => {
  expect((['self', 'guardian', 'entrusted'] as const).filter(seesWho)).toEqual(['self', 'guardian'])
})
