import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'

import { en } from './en'
import { zh } from './zh'

type Tree = { [key: string]: string | Tree }

function flatten(tree: Tree, prefix = ''): Map<string, string> {
  const flat = new Map<string, string>()
  for (const [key, value] of Object.entries(tree)) {
    const name = prefix === '' ? key : `${prefix}.${key}`
    if (typeof value === 'string') flat.set(name, value)
    else for (const [inner, text] of flatten(value, name)) flat.set(inner, text)
  }
  return flat
}

function placeholders(text: string): string[] {
  return [...new Set([...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? ''))].sort()
}

const chinese = flatten(zh)
const english = flatten(en)

/** Sources with what they say to people: everything but tests. */
function sources(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.(vue|ts)$/.test(file) && !/\.test\.ts$|fixtures\.ts$|^locales/.test(file))
    .map((file) => readFileSync(path.join(folder, file), 'utf8'))
}

describe('message files', () => {
  it('have the same keys in both languages', () => {
    expect([...english.keys()].sort()).toEqual([...chinese.keys()].sort())
  })

  it('have each group in one file alone, and the same files in both languages', () => {
    const [first, second] = ['zh', 'en'].map((language) => {
      const folder = path.join(import.meta.dirname, language)
      return readdirSync(folder)
        .filter((file) => file !== 'index.ts')
        .flatMap((file) => [...readFileSync(path.join(folder, file), 'utf8').matchAll(/^ {2}(\w+): /gm)].map((match) => `${match[1] ?? ''} in ${file}`))
        .sort()
    })
    expect(second).toEqual(first)
    const groups = (first ?? []).map((each) => each.split(' ')[0])
    expect([...new Set(groups)]).toEqual(groups)
    expect(groups).toEqual(Object.keys(zh).sort())
  })

  it('have no empty message', () => {
    for (const [key, text] of [...chinese, ...english]) expect(text.trim(), key).not.toBe('')
  })

  it('fill the same places in both languages', () => {
    for (const [key, text] of chinese) expect(placeholders(english.get(key) ?? ''), key).toEqual(placeholders(text))
  })

  it('have Chinese text in the Chinese file and none in the English one', () => {
    for (const [key, text] of english) {
      // Each language is called by its own name.
      if (key !== 'language.zh') expect(text, key).not.toMatch(/\p{Script=Han}/u)
    }
  })

  it('hold every key that the sources use, and none that nobody uses', () => {
    const used = new Set<string>()
    const prefixes = new Set<string>(['problem.'])
    for (const source of sources(path.resolve(import.meta.dirname, '..'))) {
      for (const match of source.matchAll(/\b(?:t|te)\(\s*'([^']+)'/g)) used.add(match[1] ?? '')
      for (const match of source.matchAll(/title: '([\w-]+\.[\w.-]+)'/g)) used.add(match[1] ?? '')
      // A key with a part that is computed stands for all that begin the same.
      for (const match of source.matchAll(/`((?:[\w-]+\.)+)\$\{/g)) prefixes.add(match[1] ?? '')
      for (const match of source.matchAll(/named\('(\w+)'/g)) prefixes.add(`${match[1] ?? ''}.`)
    }
    const missing = [...used].filter((key) => !chinese.has(key))
    expect(missing).toEqual([])
    const unused = [...chinese.keys()].filter((key) => !used.has(key) && ![...prefixes].some((prefix) => key.startsWith(prefix)))
    expect(unused).toEqual([])
  })
})
