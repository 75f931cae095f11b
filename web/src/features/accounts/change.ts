import { answer, api } from '@/api/client'
import { ApiError } from '@/api/error'
import type { UserAccount, UserChange } from '@/api/types'

/** Changes an account if nobody has changed it since it was read; false if somebody has. */
export async function changeUser(user: UserAccount, change: UserChange): Promise<boolean> {
  try {
    await answer(
      api.PATCH('/api/v1/users/{username}', {
        // The version is the entity tag.
        params: { path: { username: user.username }, header: { 'if-match': `"${String(user.version)}"` } },
        body: change,
      }),
    )
    return true
  } catch (thrown) {
    if (thrown instanceof ApiError && thrown.code === 'CHANGED') return false
    throw thrown
  }
}
