/**
 * Removals of many keys at once, in a store that can only set and get: a mark with a number for each tag
 * and collection, and one for everything. An entry that is older than a mark that concerns it is gone.
 *
 * Read with each entry. What cannot be named by one key (patterns, tags that must all be there) is a list
 * under one, with a bound: what is dropped from it becomes a mark that removes more.
 */

import type { Change, RemovalMode, SharedKey } from '../contracts/shared-tier.ts'
import { compileGlob } from '../keys/glob.ts'
import { decodeKey } from '../keys/key-encoding.ts'
import type { ChangeNumbers } from './change-numbers.ts'
import type { StoreAccess } from './store-access.ts'
import type { StoredEntry } from './stored-record.ts'

/** No entry is fresh for longer in the store, nor in grace, so that no mark need live longer than both. */
export const MOST_LIFE_MS: number = 7 * 86_400_000
const MARK_LIFE_MS = 2 * MOST_LIFE_MS + 3_600_000
const MOST_LISTED = 100

const ALL = 'all'
const SETS = 'sets'
const ofCollection = (collection: string): string => `c:${collection}`
const ofPatterns = (collection: string): string => `p:${collection}`
const ofTag = (tag: string, mode: RemovalMode): string => `${mode === 'delete' ? 't' : 'x'}:${tag}`

type Listed = readonly [number: number, ...words: string[]]

/** Marks that were read, by name. */
export type MarksSeen = ReadonlyMap<string, unknown>

/** `expired`: by the removal of this number. */
export type Verdict = 'stands' | 'gone' | { readonly expired: number }

/** The marks that may concern keys, whatever their tags. */
export function marksOfKeys(keys: readonly SharedKey[]): readonly string[] {
  const collections = new Set(keys.map(({ collection }) => collection))
  const own = [...collections].flatMap((name) => [ofCollection(name), ofPatterns(name)])
  return keys.length === 0 ? [] : [ALL, SETS, ...own]
}

export function marksOfTags(tags: Iterable<string>): readonly string[] {
  return [...new Set(tags)].flatMap((tag) => [ofTag(tag, 'delete'), ofTag(tag, 'expire')])
}

export function judgeByMarks(
  marks: MarksSeen,
  key: SharedKey,
  { stamp, tags }: Pick<StoredEntry, 'stamp' | 'tags'>,
): Verdict {
  const above = (name: string): boolean => numberOf(marks.get(name)) > stamp
  if (above(ALL) || above(ofCollection(key.collection))) return 'gone'
  if (tags.some((tag) => above(ofTag(tag, 'delete')))) return 'gone'
  const sets = listOf(marks.get(SETS)).filter(([number]) => number > stamp)
  if (sets.some(([, ...words]) => words.every((tag) => tags.includes(tag)))) return 'gone'
  const patterns = listOf(marks.get(ofPatterns(key.collection))).filter(
    ([number]) => number > stamp,
  )
  const text = patterns.length > 0 ? String(decodeKey(key.collection, key.id)) : ''
  if (patterns.some(([, pattern = '']) => compileGlob(pattern)(text))) return 'gone'
  const expired = tags.map((tag) => numberOf(marks.get(ofTag(tag, 'expire'))))
  const first = Math.min(...expired.filter((number) => number > stamp))
  return Number.isFinite(first) ? { expired: first } : 'stands'
}

/** Who has seen a mark begins its loads above it. */
export function hearMarks(marks: MarksSeen, numbers: ChangeNumbers): void {
  for (const [name, mark] of marks) {
    const listed = name === SETS || name.startsWith('p:')
    numbers.heard(listed ? (listOf(mark)[0]?.[0] ?? 0) : numberOf(mark))
  }
}

/** Notes removals in the store. */
export class RemovalMarks {
  readonly #access: StoreAccess
  readonly #numbers: ChangeNumbers

  constructor(access: StoreAccess, numbers: ChangeNumbers) {
    this.#access = access
    this.#numbers = numbers
  }

  /** @throws TierError; some of them may stand already. */
  async add(changes: readonly Change[]): Promise<number> {
    const number = this.#numbers.nextAhead()
    await Promise.all(changes.map((change) => this.#add(change, number)))
    return number
  }

  async clear(): Promise<number> {
    const number = this.#numbers.nextAhead()
    await this.#mark(ALL, number)
    return number
  }

  #add(change: Change, number: number): Promise<void> {
    switch (change.kind) {
      case 'tag':
        return this.#mark(ofTag(change.tag, change.mode), number)
      case 'collection':
        return this.#mark(ofCollection(change.collection), number)
      case 'all-tags':
        return this.#list(SETS, [number, ...change.tags], ALL)
      case 'pattern':
        return this.#list(
          ofPatterns(change.collection),
          [number, change.pattern],
          ofCollection(change.collection),
        )
      default:
        return change satisfies never
    }
  }

  async #mark(name: string, number: number): Promise<void> {
    await this.#access.inTurn(name, async () => {
      const [known] = await this.#access.read([name])
      // Of a process whose clock is ahead: it removes more, and numbers of marks never go back.
      if (numberOf(known) > number) {
        this.#numbers.heard(numberOf(known))
        return
      }
      await this.#access.write(name, String(number), MARK_LIFE_MS)
    })
  }

  async #list(name: string, listed: Listed, coarser: string): Promise<void> {
    await this.#access.inTurn(name, async () => {
      const [known] = await this.#access.read([name])
      const all = [listed, ...listOf(known)]
      const [dropped] = all.slice(MOST_LISTED)
      // First the mark that removes more, so that nothing of the dropped one comes back between.
      if (dropped !== undefined) await this.#mark(coarser, dropped[0])
      await this.#access.write(name, JSON.stringify(all.slice(0, MOST_LISTED)), MARK_LIFE_MS)
    })
  }
}

function numberOf(mark: unknown): number {
  const number = Number(typeof mark === 'string' || typeof mark === 'number' ? mark : 0)
  return Number.isFinite(number) ? number : 0
}

function listOf(mark: unknown): readonly Listed[] {
  if (typeof mark !== 'string') return []
  try {
    const list: unknown = JSON.parse(mark)
    return Array.isArray(list) ? list.filter(isListed) : []
  } catch {
    return []
  }
}

const isListed = (one: unknown): one is Listed =>
  Array.isArray(one) &&
  typeof one[0] === 'number' &&
  one.length > 1 &&
  one.slice(1).every((word) => typeof word === 'string')
