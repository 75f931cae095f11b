import { afterEach, describe, expect, it, vi } from 'vitest'

import description from '../../../openapi.json'
import { needsSignature, operationsOf, readDocument, search, type ApiDocument } from './document'

const document: ApiDocument = {
  openapi: '3.1.0',
  paths: {
    '/api/v1/people/{person_id}': { get: { tags: ['people'], summary: "One person's file", operationId: 'get_person' } },
    '/api/v1/organisations': {
      get: { tags: ['access'], summary: 'Organisations', operationId: 'list_organisations' },
      post: { tags: ['access'], summary: 'Make an organisation', operationId: 'create_organisation' },
    },
  },
}

function ids(phrase: string): string[] {
  return search(operationsOf(document), phrase).map(({ id }) => id)
}

describe('search', () => {
  it('finds by words, paths, tags and methods, in any case', () => {
    expect(ids('FILE')).toEqual(['get_person'])
    expect(ids('/organisations')).toEqual(['list_organisations', 'create_organisation'])
    expect(ids('access  post')).toEqual(['create_organisation'])
    expect(ids('nowhere')).toEqual([])
  })

  it('finds all without a word', () => {
    expect(ids(' ')).toHaveLength(3)
  })

  it('knows every operation of the committed document by an id of its own', () => {
    const all = operationsOf(description)
    const methods = Object.values(description.paths).flatMap((path) => Object.keys(path))
    expect(new Set(all.map(({ id }) => id)).size).toBe(methods.length)
  })
})

describe('needsSignature', () => {
  it('is so of what partners ask, and of nothing else', () => {
    const methods = Object.entries(description.paths).flatMap(([path, all]) => Object.keys(all).map((method) => ({ path, method })))
    const signed = methods.filter(({ path, method }) => needsSignature(description, path, method))
    expect(signed).toEqual([
      { path: '/api/v1/exchange/agreements', method: 'get' },
      { path: '/api/v1/exchange/verifications', method: 'post' },
    ])
  })

  it('is not so where a session will do as well, or nothing is needed', () => {
    const paths: ApiDocument['paths'] = { '/either': { get: { security: [{ signature: [] }, { session: [] }] } }, '/open': { get: { security: [] } } }
    expect(needsSignature({ openapi: '3.1.0', paths }, '/either', 'get')).toBe(false)
    expect(needsSignature({ openapi: '3.1.0', paths }, '/open', 'get')).toBe(false)
    expect(needsSignature({ openapi: '3.1.0', paths }, '/nowhere', 'get')).toBe(false)
  })
})

describe('readDocument', () => {
  afterEach(() => vi.unstubAllGlobals())

  function read(response: Response | Error) {
    vi.stubGlobal('fetch', vi.fn(() => (response instanceof Error ? Promise.reject(response) : Promise.resolve(response))))
    return readDocument(new AbortController().signal)
  }

  it('reads the document', async () => {
    expect(await read(Response.json(document))).toEqual(document)
  })

  it('says what the server says when it refuses', async () => {
    await expect(read(Response.json({ code: 'BUSY', status: 503 }, { status: 503 }))).rejects.toMatchObject({ code: 'BUSY', status: 503 })
    await expect(read(new Response('<html>', { status: 502 }))).rejects.toMatchObject({ code: 'HTTP-502' })
  })

  it('takes nothing else for the document', async () => {
    await expect(read(new Response('<html>'))).rejects.toMatchObject({ code: 'NETWORK' })
    await expect(read(Response.json([]))).rejects.toMatchObject({ code: 'NETWORK' })
    await expect(read(new TypeError('failed'))).rejects.toMatchObject({ code: 'NETWORK' })
  })

  it('stays a call that was given up', async () => {
    const given = new DOMException('', 'AbortError')
    await expect(read(given as Error)).rejects.toBe(given)
  })
})
