import type { Meta, Organisation } from '@/api/types'

/** A division that the console can be narrowed to. */
export interface DivisionChoice {
  code: string
  name: Organisation['name']
  level: Organisation['level']
  /** Code of the division above it that can be chosen as well; empty if there is none. */
  within: string
}

/**
 * The divisions below one's own, each after the one that it lies in. Districts are known to everybody; what lies below them has
 * the name of the organisation that works there, of several that of civil affairs.
 */
export function divisionsBelow(own: string, districts: Meta['districts'], organisations: readonly Organisation[]): DivisionChoice[] {
  const found = new Map<string, Omit<DivisionChoice, 'within'>>()
  for (const each of [...organisations].sort((one, other) => Number(one.kind !== 'civil_affairs') - Number(other.kind !== 'civil_affairs'))) {
    if (!found.has(each.division)) found.set(each.division, { code: each.division, name: each.name, level: each.level })
  }
  for (const each of districts) found.set(each.code, { code: each.code, name: each.name, level: 'district' })
  const below = [...found.values()].filter((each) => each.code.startsWith(own) && each.code !== own)
  // A code begins with the code of what it lies in, so that this is the order of a tree.
  below.sort((one, other) => (one.code < other.code ? -1 : 1))
  return below.map((each) => ({ ...each, within: above(each.code, below) }))
}

function above(code: string, all: readonly { code: string }[]): string {
  return all.reduce((nearest, { code: other }) => (other !== code && code.startsWith(other) && other.length > nearest.length ? other : nearest), '')
}

/** Those whose name or code has the words in it, as they are written in either language. */
export function matching(choices: readonly DivisionChoice[], words: string): DivisionChoice[] {
  const wanted = words.trim().toLowerCase()
  if (wanted === '') return [...choices]
  return choices.filter(({ name, code }) => code.startsWith(wanted) || name.zh.includes(wanted) || name.en.toLowerCase().includes(wanted))
}
