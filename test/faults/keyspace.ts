/** The keys that are read and written here, with their tags and patterns. */

const KEYS = 240
const PAGES = 8
const TAGS = 10

/** All of them, in order. */
export const allKeys: readonly string[] = Array.from({ length: KEYS }, (_, index) => keyAt(index))

/** `p3:17`: page 3. A pattern names a page. */
function keyAt(index: number): string {
  return `p${index % PAGES}:${index}`
}

/** `share` from 0 to 1: keys at the beginning come often. */
export function keyBy(share: number): string {
  return keyAt(Math.min(KEYS - 1, Math.floor(KEYS * share * share)))
}

export function tagOf(key: string): string {
  const index = Number(key.slice(key.indexOf(':') + 1))
  return `t${Math.floor(index / PAGES) % TAGS}`
}

export function keysOfTag(tag: string): string[] {
  return allKeys.filter((key) => tagOf(key) === tag)
}

export function patternOf(key: string): string {
  return `${key.slice(0, key.indexOf(':'))}:*`
}

export function keysOfPattern(pattern: string): string[] {
  return allKeys.filter((key) => key.startsWith(pattern.slice(0, -1)))
}

/** Some lives are short, so that entries expire too. */
export function lifeOf(key: string): 'short' | 'long' {
  return key.endsWith('3') ? 'short' : 'long'
}
