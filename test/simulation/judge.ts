/**
 * The checker: knows what the database held when, what waits for it, and when the shared tier was told.
 * Nothing that is checked reads any of it.
 *
 * A version of a key is *covered* once the true master of its shard has carried out a step that
 * changes the key, after the version was committed: the end or the begin of a write, a removal of the
 * key or of what it belongs to, a new epoch; a write behind, with the step that queues it. From then on
 * the bounds of CO-7 and CO-9 run for every older version.
 */

import { KeyHistory, type StoredVersion } from './key-history.ts'
import type { Guarantee, Violation } from './violation.ts'

/** A reader that has followed lately may be behind for so long. */
export const CONNECTED_MS = 1_000
/** And one that has not: `maxBlindness`. */
const BLIND_MS = 5_000
/** A copy is judged and handed out in one turn: room for a hint at the boundary. */
const SLACK_MS = 20

export interface Reading {
  readonly instance: string
  readonly key: string
  readonly value: number
  readonly began: number
  readonly connected: boolean
  /** Until when the true master could have told it of anything: who is cut off reads what was before. */
  readonly toldUntil: number
  /** `unknown`: the call does not tell. */
  readonly tier: 'memory' | 'shared' | 'source' | 'unknown' | 'refreshed'
  /** What this instance has written itself, and been told so, before the read began. */
  readonly own: number | undefined
  /** What the token that the read was given stands for. */
  readonly token: number | undefined
  /** The reader cannot know better yet: after a promotion that nobody was told of. */
  readonly excused: boolean
  /**
   * What the database held when the read began, where nobody may have been there to ask for what waits:
   * the answer is no older than that.
   */
  readonly atLeast: number | undefined
  /** When that was looked at: what the database has held since is as good. */
  readonly lookedAt: number
}

export interface JudgeParts {
  readonly now: () => number
  readonly found: (violation: Violation) => void
  /** The version that stands in the true master as one that waits; `undefined`: none does. */
  readonly standing: (key: string) => number | undefined
}

export class Judge {
  readonly #now: () => number
  readonly #found: (violation: Violation) => void
  readonly #keys = new Map<string, KeyHistory>()
  /** By key: when a new epoch was last drawn. */
  readonly #renewed = new Map<string, number>()
  /** By key: what the tier was told of while an older write stood in the entry's place. */
  readonly #told = new Map<string, number>()
  readonly #standing: (key: string) => number | undefined
  #versions = 0

  constructor({ now, found, standing }: JudgeParts) {
    this.#now = now
    this.#found = found
    this.#standing = standing
  }

  /** A number that no version has yet. */
  newVersion(): number {
    this.#versions += 1
    return this.#versions
  }

  committed(
    key: string,
    version: number,
    what: {
      readonly kind: 'row' | 'no row'
      readonly number?: number | undefined
      readonly isBehind?: boolean
    },
  ): void {
    const history = this.historyOf(key)
    const { kind, number, isBehind = false } = what
    if (kind === 'no row') history.noteAbsence(version)
    history.store({ version, number, isBehind, at: this.#now() })
  }

  /** The true master has taken a write behind. */
  queued(
    key: string,
    what: { readonly version: number; readonly number: number; readonly kind: 'row' | 'no row' },
  ): void {
    const history = this.historyOf(key)
    const { version, number, kind } = what
    if (kind === 'no row') history.noteAbsence(version)
    history.queue({ version, number, at: this.#now() })
    this.covered(key)
  }

  /** The true master lost, or gave up, all that waited but this. */
  waits(key: string, waiting: readonly StoredVersion[]): void {
    this.historyOf(key).keep(waiting, this.#now())
  }

  /** The true master has carried out a step that changes the key. */
  covered(key: string): void {
    this.#cover(key, this.historyOf(key).size - 1)
  }

  /** What stood in the entry's place has become an ordinary entry. */
  uncovered(key: string): void {
    const told = this.#told.get(key)
    this.#told.delete(key)
    if (told !== undefined && this.#standing(key) === undefined) this.coveredUpTo(key, told)
  }

  /** The same, of all that was committed up to this version. */
  coveredUpTo(key: string, version: number): void {
    const place = this.historyOf(key).placeOf(version)
    if (place !== undefined) this.#cover(key, place)
  }

  renewed(keys: readonly string[]): void {
    for (const key of keys) {
      this.covered(key)
      this.#renewed.set(key, this.#now())
    }
  }

  /** The version that a reader has seen who found nothing; 0: there was always a row. */
  absent(key: string): number {
    return this.historyOf(key).absent
  }

  latest(key: string): number {
    return this.historyOf(key).latest?.version ?? 0
  }

  /** Whether the shared tier has heard of the newest version. */
  isCovered(key: string, version: number = this.latest(key)): boolean {
    const history = this.historyOf(key)
    const told = history.placeOf(this.#told.get(key) ?? -1)
    return (
      history.coveredSince(version) !== undefined || (told ?? -1) >= (history.placeOf(version) ?? 0)
    )
  }

  /** How many versions have come since. */
  behind(key: string, version: number): number {
    const history = this.historyOf(key)
    return history.size - 1 - (history.placeOf(version) ?? -1)
  }

  /** In the order of what was current; nothing is older than everything. */
  isOlder(key: string, one: number | undefined, other: number): boolean {
    if (one === undefined) return true
    const history = this.historyOf(key)
    return (history.placeOf(one) ?? -1) < (history.placeOf(other) ?? -1)
  }

  answered(reading: Reading): void {
    const { key, value, began, connected, instance, tier, atLeast, lookedAt } = reading
    const history = this.historyOf(key)
    const place = history.placeOf(value)
    const who = `${instance} answered ${key}=${value} from ${tier}`
    if (place === undefined) {
      this.violated('CO-3', `${who}, which was never committed`)
      return
    }
    const isAsGood = atLeast !== undefined && !this.isOlder(key, value, atLeast)
    if (isAsGood || (atLeast !== undefined && history.heldSince(value, lookedAt))) return
    const boundMs = connected ? CONNECTED_MS : BLIND_MS
    const over = history.overSince(value)
    if (over !== undefined && over.at + boundMs + SLACK_MS < began && !reading.excused) {
      const lateMs = Math.round(began - over.at)
      const how = connected ? 'connected' : 'cut off'
      const text = `${who}, ${how}, ${lateMs} ms after the tier was told of ${over.by.version}`
      this.violated(this.#guaranteeOf(reading, over), text)
    }
    this.#judgeOrder(reading, place, who)
  }

  violated(guarantee: Guarantee, text: string): void {
    this.#found({ guarantee, at: this.#now(), text })
  }

  historyOf(key: string): KeyHistory {
    const known = this.#keys.get(key)
    if (known !== undefined) return known
    const history = new KeyHistory()
    this.#keys.set(key, history)
    return history
  }

  /** Nobody finds what was written past the cache while an older write stands in the entry's place. */
  #cover(key: string, place: number): void {
    const history = this.historyOf(key)
    const standing = history.placeOf(this.#standing(key) ?? -1)
    const written = history.at(place)
    const hidden = standing !== undefined && standing < place && written?.number === undefined
    const told = history.placeOf(this.#told.get(key) ?? -1) ?? -1
    if (hidden && written !== undefined && told < place) this.#told.set(key, written.version)
    history.cover(hidden ? standing : place, this.#now())
  }

  #judgeOrder(reading: Reading, place: number, who: string): void {
    const { key, own, token, excused, value, toldUntil } = reading
    if (excused) return
    const history = this.historyOf(key)
    const isBehind = history.held(value)?.isBehind === true
    for (const [what, version] of [
      ['its own write', own],
      ['the token', token],
    ] as const) {
      if (version === undefined || place >= (history.firstPlaceOf(version) ?? 0)) continue
      const held = history.held(version)
      // Written past the cache, while what was answered stood in the entry's place.
      const since = history.coveredSince(version) ?? Number.POSITIVE_INFINITY
      if (isBehind && held?.number === undefined && since > toldUntil) continue
      const guarantee = held?.isBehind === true ? 'WB-10' : 'CO-10'
      this.violated(guarantee, `${who}, older than ${what} ${version}`)
    }
  }

  #guaranteeOf(
    { tier, connected, key }: Reading,
    {
      at,
      by,
    }: {
      readonly at: number
      readonly by: { readonly isBehind: boolean; readonly version: number }
    },
  ): Guarantee {
    if (by.isBehind) return this.historyOf(key).isAbsence(by.version) ? 'WB-11' : 'WB-10'
    if (tier === 'shared') return 'CO-2'
    if (tier === 'source' || tier === 'refreshed') return 'CO-3'
    if (this.#renewed.get(key) === at) return 'CO-5'
    return connected ? 'CO-9' : 'CO-7'
  }
}
