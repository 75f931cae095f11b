import { defineStore } from 'pinia'
import { computed, shallowRef } from 'vue'

import { answer, api } from '@/api/client'
import { ApiError } from '@/api/error'
import type { Affiliated, CitizenSession, CitizenSignIn, StandingName } from '@/api/types'

/** Who sees who else sees a person's data or acts for them, as the server's policies say: whoever was asked to act does not. */
export function seesWho(standing: StandingName): boolean {
  return standing !== 'entrusted'
}

/** Who is signed in to the portal, and whom they may act for. It has nothing to do with the session of the console. */
export const useCitizenStore = defineStore('citizen', () => {
  /** `undefined` until the server was asked, `null` if nobody is signed in. */
  const session = shallowRef<CitizenSession | null | undefined>(undefined)

  const people = computed(() => session.value?.people ?? [])
  /** The one who is signed in: themselves first, says the server. */
  const own = computed<Affiliated | null>(() => people.value[0] ?? null)

  /** A person whose affairs may be seen. */
  function person(id: string): Affiliated | null {
    return people.value.find((each) => each.person_id === id) ?? null
  }

  /** Asks the server, once; later calls answer from memory. Throws only if no sensible answer came. */
  async function restore(): Promise<Affiliated | null> {
    if (session.value !== undefined) return own.value
    try {
      session.value = await answer(api.GET('/api/v1/citizen/session'))
    } catch (thrown) {
      if (!(thrown instanceof ApiError) || thrown.status !== 401) throw thrown
      session.value = null
    }
    return own.value
  }

  async function signIn(who: CitizenSignIn): Promise<void> {
    session.value = await answer(api.POST('/api/v1/citizen/session', { body: who }))
  }

  async function signOut(): Promise<void> {
    await answer(api.DELETE('/api/v1/citizen/session'))
    session.value = null
  }

  /** The server no longer knows the session. */
  function expire(): void {
    session.value = null
  }

  return { session, people, own, person, restore, signIn, signOut, expire }
})
