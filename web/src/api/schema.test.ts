// @vitest-environment node
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import openapiTS, { astToString } from 'openapi-typescript'
import { expect, it } from 'vitest'

const here = (file: string): URL => new URL(file, import.meta.url)

it('schema.ts is what openapi.json says (else run `npm run api`)', async () => {
  const made = astToString(await openapiTS(here('../../openapi.json')))
  const kept = readFileSync(fileURLToPath(here('./schema.ts')), 'utf8')
  // The command line tool puts a notice before it.
  expect(kept.slice(kept.indexOf('export interface paths')).trim()).toBe(made.slice(made.indexOf('export interface paths')).trim())
})
