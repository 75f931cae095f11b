import type { Problem } from './types'

/** Code of a problem that the browser found: no answer came, or one that is not the API's. */
export const NETWORK = 'NETWORK'

/** A call that did not succeed, with the server's problem document. */
export class ApiError extends Error {
  readonly problem: Problem

  constructor(problem: Problem) {
    super(`${problem.code}: ${problem.title}`)
    this.name = 'ApiError'
    this.problem = problem
  }

  get code(): string {
    return this.problem.code
  }

  /** The HTTP status; 0 when no answer came. */
  get status(): number {
    return this.problem.status
  }
}

/** Reads the body of an answer that is not a success; a proxy in between may have sent anything. */
export function problemOf(body: unknown, status: number): Problem {
  if (typeof body === 'object' && body !== null && 'code' in body && typeof body.code === 'string') {
    const known = body as Partial<Problem> & { code: string }
    return {
      type: known.type ?? 'about:blank',
      title: known.title ?? '',
      status: known.status ?? status,
      detail: known.detail ?? null,
      code: known.code,
      request_id: known.request_id ?? null,
    }
  }
  return { type: 'about:blank', title: '', status, detail: null, code: `HTTP-${String(status)}` }
}

/** Turns whatever was thrown into an `ApiError`. */
export function toApiError(thrown: unknown): ApiError {
  if (thrown instanceof ApiError) return thrown
  return new ApiError({ type: 'about:blank', title: '', status: 0, detail: null, code: NETWORK })
}

/** True for the error of a call that was given up because a newer one replaced it. */
export function isAbort(thrown: unknown): boolean {
  return thrown instanceof DOMException && thrown.name === 'AbortError'
}
