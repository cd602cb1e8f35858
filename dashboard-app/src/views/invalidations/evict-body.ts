/** What the form of evictions sends, and how it is said in words. */

export type EvictBy = 'keys' | 'tags' | 'all-tags' | 'pattern' | 'everything'

export interface Eviction {
  readonly by: EvictBy
  readonly collection: string
  readonly what: string
}

export function isEvictBy(text: string): text is EvictBy {
  return ['keys', 'tags', 'all-tags', 'pattern', 'everything'].includes(text)
}

/** Tags know no collections. */
export function tagsReachAll(by: EvictBy): boolean {
  return by === 'tags' || by === 'all-tags'
}

/** `undefined`: nothing is named yet. */
export function evictBody({ by, collection, what }: Eviction): object | undefined {
  const from = collection === '' || tagsReachAll(by) ? {} : { collection }
  if (by === 'everything') return { ...from, everything: true }
  if (by === 'pattern') return what.trim() === '' ? undefined : { ...from, pattern: what.trim() }
  const names = namesIn(what)
  if (names.length === 0) return undefined
  if (by === 'keys') return { ...from, keys: names }
  return { tags: names, match: by === 'tags' ? 'any' : 'all' }
}

export function evictWords({ by, collection, what }: Eviction): string {
  const place = collection === '' ? 'plain keys' : collection
  switch (by) {
    case 'everything':
      return collection === '' ? 'the whole cache' : `all of ${collection}`
    case 'pattern':
      return `${place} like ${what.trim()}`
    case 'keys':
      return `${place}: ${namesIn(what).join(', ')}`
    case 'tags':
      return `entries tagged ${namesIn(what).join(' or ')}`
    case 'all-tags':
      return `entries tagged ${namesIn(what).join(' and ')}`
    default:
      return by satisfies never
  }
}

/** One a line: a comma may be part of a key. */
function namesIn(text: string): readonly string[] {
  return text
    .split('\n')
    .map((name) => name.trim())
    .filter((name) => name !== '')
}
