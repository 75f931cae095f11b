import { ApiError, isAbort, problemOf, toApiError } from '@/api/error'

/** Where the server describes its API, to everybody. */
export const DOCUMENT = '/api/v1/openapi.json'

const METHODS = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace'] as const

interface Described {
  tags?: string[]
  summary?: string
  operationId?: string
  /** Ways to show who asks; any of them will do, and all of the schemes of one are needed. */
  security?: Record<string, string[]>[]
}

/** As much of an OpenAPI document as is looked at here. */
export interface ApiDocument {
  openapi: string
  paths: Record<string, Partial<Record<(typeof METHODS)[number], Described>>>
}

export interface Operation {
  id: string
  tag: string
  /** What a search looks through, in lower case. */
  text: string
}

function isDocument(body: unknown): body is ApiDocument {
  return typeof body === 'object' && body !== null && 'openapi' in body && 'paths' in body && typeof body.paths === 'object' && body.paths !== null
}

/** The document of the server that this page came from. Throws an `ApiError`. */
export async function readDocument(signal: AbortSignal): Promise<ApiDocument> {
  try {
    const response = await fetch(DOCUMENT, { signal })
    const body: unknown = await response.json().catch((thrown: unknown) => {
      if (isAbort(thrown)) throw thrown
      return null
    })
    if (!response.ok) throw new ApiError(problemOf(body, response.status))
    // Whatever came was not sent by the API.
    if (!isDocument(body)) throw toApiError(null)
    return body
  } catch (thrown) {
    throw isAbort(thrown) ? thrown : toApiError(thrown)
  }
}

export function operationsOf(document: ApiDocument): Operation[] {
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    METHODS.flatMap((method) => {
      const one = methods[method]
      if (!one?.operationId) return []
      const tag = one.tags?.[0] ?? 'default'
      return [{ id: one.operationId, tag, text: [method, path, tag, one.operationId, one.summary ?? ''].join(' ').toLowerCase() }]
    }),
  )
}

/**
 * Whether each request of an operation has to be signed. Only a partner's program has the key for that, and this page never
 * does.
 */
export function needsSignature(document: ApiDocument, path: string, method: string): boolean {
  const known = METHODS.find((each) => each === method)
  const ways = known === undefined ? undefined : document.paths[path]?.[known]?.security
  return ways !== undefined && ways.length > 0 && ways.every((way) => 'signature' in way)
}

/** The operations in which each word of the phrase occurs; all of them for a phrase without words. */
export function search(operations: Operation[], phrase: string): Operation[] {
  const words = phrase.toLowerCase().split(/\s+/).filter(Boolean)
  return operations.filter(({ text }) => words.every((word) => text.includes(word)))
}
