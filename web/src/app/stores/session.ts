import { defineStore } from 'pinia'
import { ref } from 'vue'

import { answer, api } from '@/api/client'
import { ApiError } from '@/api/error'
import type { User } from '@/api/types'

/** Who is signed in. `undefined` until the server was asked, `null` if nobody is. */
export const useSessionStore = defineStore('session', () => {
  const user = ref<User | null | undefined>(undefined)

  /** Asks the server, once; later calls answer from memory. Throws only if no sensible answer came. */
  async function restore(): Promise<User | null> {
    if (user.value !== undefined) return user.value
    try {
      const session = await answer(api.GET('/api/v1/session'))
      user.value = session.user
    } catch (thrown) {
      if (!(thrown instanceof ApiError) || thrown.status !== 401) throw thrown
      user.value = null
    }
    return user.value
  }

  async function signIn(username: string, password: string): Promise<void> {
    const session = await answer(api.POST('/api/v1/session', { body: { username, password } }))
    user.value = session.user
  }

  async function signOut(): Promise<void> {
    await answer(api.DELETE('/api/v1/session'))
    user.value = null
  }

  /** The server no longer knows the session. */
  function expire(): void {
    user.value = null
  }

  return { user, restore, signIn, signOut, expire }
})
