import { defineStore } from 'pinia'
import { computed, ref, shallowRef } from 'vue'

import { answer, api } from '@/api/client'
import { ApiError } from '@/api/error'
import type { PurposeName, Session, SignIn } from '@/api/types'
import type { Action } from '@/app/access'

/** The purpose stays with the window, so that two windows can be for two purposes. */
const STORED = 'huimin.purpose'

function storedPurpose(): string | null {
  try {
    return sessionStorage.getItem(STORED)
  } catch {
    // Storage may be switched off.
    return null
  }
}

function storePurpose(purpose: PurposeName | null): void {
  try {
    if (purpose === null) sessionStorage.removeItem(STORED)
    else sessionStorage.setItem(STORED, purpose)
  } catch {
    // Then it holds until the page is left.
  }
}

/** Who is signed in, what they look at persons for, and what they may do. */
export const useSessionStore = defineStore('session', () => {
  /** `undefined` until the server was asked, `null` if nobody is signed in. */
  const session = shallowRef<Session | null | undefined>(undefined)
  const wanted = ref<string | null>(storedPurpose())

  const user = computed(() => session.value?.user ?? null)
  /** What has to be done before anything else. */
  const first = computed(() => session.value?.first ?? null)
  const granted = computed(() => (session.value?.powers ?? []).map((each) => each.purpose ?? null).filter((purpose) => purpose !== null))
  /** The purpose of what is shown: the one that was chosen while it is granted, or else the only one. */
  const purpose = computed<PurposeName | null>(() => {
    const chosen = granted.value.find((each) => each === wanted.value)
    return chosen ?? (granted.value.length === 1 ? (granted.value[0] ?? null) : null)
  })

  /** For which purposes something may be done; null stands for without one. */
  function purposesFor(action: Action): (PurposeName | null)[] {
    return (session.value?.powers ?? []).filter((each) => each.actions.includes(action)).map((each) => each.purpose ?? null)
  }

  /** Whether something may be done now. */
  function may(action: Action): boolean {
    return purposesFor(action).some((each) => each === null || each === purpose.value)
  }

  /** Whether something may be done now or for another of the granted purposes. */
  function mayForSome(action: Action): boolean {
    return purposesFor(action).length > 0
  }

  function choose(chosen: PurposeName): void {
    wanted.value = chosen
    storePurpose(chosen)
  }

  /** Asks the server, once; later calls answer from memory. Throws only if no sensible answer came. */
  async function restore(): Promise<Session | null> {
    if (session.value !== undefined) return session.value
    return await refresh()
  }

  /** Asks the server again: what may be done has changed. */
  async function refresh(): Promise<Session | null> {
    try {
      session.value = await answer(api.GET('/api/v1/session'))
    } catch (thrown) {
      if (!(thrown instanceof ApiError) || thrown.status !== 401) throw thrown
      session.value = null
    }
    return session.value
  }

  async function signIn(credentials: SignIn): Promise<void> {
    session.value = await answer(api.POST('/api/v1/session', { body: credentials }))
  }

  /** The second step after a sign-in service that has asked for no second factor itself. */
  async function giveCode(code: string): Promise<void> {
    session.value = await answer(api.POST('/api/v1/oidc/staff/session', { body: { code } }))
  }

  async function signOut(): Promise<void> {
    await answer(api.DELETE('/api/v1/session'))
    session.value = null
    // Whoever signs in next in this window chooses for themselves.
    wanted.value = null
    storePurpose(null)
  }

  /** The server no longer knows the session. */
  function expire(): void {
    session.value = null
  }

  return { session, user, first, granted, purpose, purposesFor, may, mayForSome, choose, restore, refresh, signIn, giveCode, signOut, expire }
})
