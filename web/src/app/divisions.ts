import type { DivisionInfo, Meta } from '@/api/types'

/** A division that the console can be narrowed to. */
export interface DivisionChoice extends DivisionInfo {
  /** Code of the division above it that can be chosen as well; empty if there is none. */
  within: string
}

/**
 * The divisions below one's own, each after the one that it lies in. Districts are known to everybody beforehand; `divisions` are
 * those that were read, with what lies below districts.
 */
export function divisionsBelow(own: string, districts: Meta['districts'], divisions: readonly DivisionInfo[]): DivisionChoice[] {
  const found = new Map<string, DivisionInfo>()
  for (const each of districts) found.set(each.code, { code: each.code, name: each.name, level: 'district' })
  for (const each of divisions) found.set(each.code, each)
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
