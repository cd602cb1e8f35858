/**
 * The checker: knows what the database held when, and when the shared tier was told of it. Nothing
 * that is checked reads any of it.
 *
 * A version of a key is *covered* once the true master of its shard has carried out a step that
 * changes the key, after the version was committed: the end or the begin of a write, a removal of the
 * key or of what it belongs to, a new epoch. From then on the bounds of CO-7 and CO-9 run for every
 * older version.
 */

import type { Guarantee, Violation } from './violation.ts'

/** A reader that has followed lately may be behind for so long. */
export const CONNECTED_MS = 1_000
/** And one that has not: `maxBlindness`. */
const BLIND_MS = 5_000
/** A copy is judged and handed out in one turn: room for a hint at the boundary. */
const SLACK_MS = 20

interface Cover {
  readonly at: number
  /** Versions below this index are outdated. */
  readonly index: number
}

interface KeyHistory {
  /** Versions in the order of their commits. */
  readonly versions: number[]
  readonly index: Map<number, number>
  /** The newest version that is no row. */
  absent: number
  readonly covers: Cover[]
}

export interface Reading {
  readonly instance: string
  readonly key: string
  readonly value: number
  readonly began: number
  readonly connected: boolean
  /** `unknown`: the call does not tell. */
  readonly tier: 'memory' | 'shared' | 'source' | 'unknown'
  /** What this instance has written itself, and been told so, before the read began. */
  readonly own: number | undefined
  /** What the token that the read was given stands for. */
  readonly token: number | undefined
  /** The reader cannot know better yet: after a promotion that nobody was told of. */
  readonly excused: boolean
}

export class Judge {
  readonly #now: () => number
  readonly #found: (violation: Violation) => void
  readonly #keys = new Map<string, KeyHistory>()
  /** By key: when a new epoch was last drawn. */
  readonly #renewed = new Map<string, number>()
  #versions = 0

  constructor(now: () => number, found: (violation: Violation) => void) {
    this.#now = now
    this.#found = found
  }

  /** A number that no version has yet. */
  newVersion(): number {
    this.#versions += 1
    return this.#versions
  }

  committed(key: string, version: number, kind: 'row' | 'no row'): void {
    const history = this.#of(key)
    if (kind === 'no row') history.absent = version
    history.index.set(version, history.versions.length)
    history.versions.push(version)
  }

  /** The true master has carried out a step that changes the key. */
  covered(key: string): void {
    const { versions } = this.#of(key)
    this.#cover(key, versions.length - 1)
  }

  /** The same, of all that was committed up to this version. */
  coveredUpTo(key: string, version: number): void {
    this.#cover(key, this.#of(key).index.get(version) ?? -1)
  }

  renewed(keys: readonly string[]): void {
    for (const key of keys) {
      this.covered(key)
      this.#renewed.set(key, this.#now())
    }
  }

  /** The version that a reader has seen who found nothing; 0: there was always a row. */
  absent(key: string): number {
    return this.#of(key).absent
  }

  latest(key: string): number {
    return this.#of(key).versions.at(-1) ?? 0
  }

  /** Whether the shared tier has heard of the newest version. */
  isCovered(key: string, version: number = this.latest(key)): boolean {
    const { index, covers } = this.#of(key)
    return (covers.at(-1)?.index ?? -1) >= (index.get(version) ?? 0)
  }

  /** How many versions have been committed since. */
  behind(key: string, version: number): number {
    const { index, versions } = this.#of(key)
    return versions.length - 1 - (index.get(version) ?? -1)
  }

  /** In the order of commits; nothing is older than everything. */
  isOlder(key: string, one: number | undefined, other: number): boolean {
    if (one === undefined) return true
    const { index } = this.#of(key)
    return (index.get(one) ?? -1) < (index.get(other) ?? -1)
  }

  answered(reading: Reading): void {
    const { key, value, began, connected, instance, tier } = reading
    const { index, covers } = this.#of(key)
    const at = index.get(value)
    const who = `${instance} answered ${key}=${value} from ${tier}`
    if (at === undefined) {
      this.#violated('CO-3', `${who}, which was never committed`)
      return
    }
    const boundMs = connected ? CONNECTED_MS : BLIND_MS
    const cover = covers.find((one) => one.index > at)
    if (cover !== undefined && cover.at + boundMs + SLACK_MS < began && !reading.excused) {
      const lateMs = Math.round(began - cover.at)
      const how = connected ? 'connected' : 'cut off'
      const text = `${who}, ${how}, ${lateMs} ms after the tier was told of a newer version`
      this.#violated(this.#guaranteeOf(reading, cover), text)
    }
    this.#judgeOrder(reading, at, who)
  }

  violated(guarantee: Guarantee, text: string): void {
    this.#violated(guarantee, text)
  }

  #judgeOrder({ key, own, token, excused }: Reading, at: number, who: string): void {
    if (excused) return
    const { index } = this.#of(key)
    for (const [what, version] of [
      ['its own write', own],
      ['the token', token],
    ] as const) {
      if (version !== undefined && at < (index.get(version) ?? 0)) {
        this.#violated('CO-10', `${who}, older than ${what} ${version}`)
      }
    }
  }

  #guaranteeOf({ tier, connected, key }: Reading, { at }: Cover): Guarantee {
    if (tier === 'shared') return 'CO-2'
    if (tier === 'source') return 'CO-3'
    if (this.#renewed.get(key) === at) return 'CO-5'
    return connected ? 'CO-9' : 'CO-7'
  }

  #cover(key: string, index: number): void {
    const { covers } = this.#of(key)
    if (index > (covers.at(-1)?.index ?? -1)) covers.push({ at: this.#now(), index })
  }

  #of(key: string): KeyHistory {
    const known = this.#keys.get(key)
    if (known !== undefined) return known
    const history = { versions: [], index: new Map(), covers: [], absent: 0 }
    this.#keys.set(key, history)
    return history
  }

  #violated(guarantee: Guarantee, text: string): void {
    this.#found({ guarantee, at: this.#now(), text })
  }
}
