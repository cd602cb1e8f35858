/**
 * What a cache of one instance must answer, as simply as it can be said: a map for each space, the
 * times of each entry, and nothing about tiers.
 *
 * `cache-model.test.ts` plays the same commands on it and on a real cache, and compares.
 */

/** What an entry lives by, every option given. Milliseconds; `Infinity`: no end. */
export interface ReferenceOptions {
  readonly ttl: number
  readonly grace: number
  readonly negativeTtl: number | 'auto' | 'off'
  readonly sliding: boolean
  readonly tags: readonly string[]
  /** From now; `Infinity`: no absolute end. */
  readonly endsIn: number
}

export interface ReferenceEntry {
  value: unknown
  absent: boolean
  createdAt: number
  freshUntil: number
  graceUntil: number
  ttl: number
  grace: number
  sliding: boolean
  renewableUntil: number
  tags: readonly string[]
  /** It had no end when it was expired: a shared tier cannot tell when its grace is over. */
  lingers: boolean
}

/** What the loader does when it is asked. */
export type Play =
  | { readonly kind: 'value'; readonly value: unknown }
  | { readonly kind: 'absent' }
  | { readonly kind: 'uncached'; readonly value: unknown }
  | { readonly kind: 'failed' }

export type Expected =
  | { readonly kind: 'hit' | 'stale'; readonly value: unknown; readonly ageMs: number }
  | { readonly kind: 'loaded'; readonly value: unknown }
  | { readonly kind: 'nothing' }
  | { readonly kind: 'failed' }

/** How long a load that failed rests while its entry is in grace, without its random part. */
const REST_MS = 10_000

/** One instance: plain keys and one collection. Time is told to it. */
export class Reference {
  readonly plain = new ReferenceSpace(this)
  readonly things = new ReferenceSpace(this)
  now = 0
  reads = 0
  hits = 0
  loads = 0

  invalidateTags(tags: readonly string[]): void {
    this.plain.removeTags(tags)
    this.things.removeTags(tags)
  }
}

class ReferenceSpace {
  readonly #all: Reference
  readonly #entries = new Map<string, ReferenceEntry>()
  readonly #rests = new Map<string, number>()

  constructor(all: Reference) {
    this.#all = all
  }

  /** The entry if it is fresh or in grace. */
  present(key: string): ReferenceEntry | undefined {
    const entry = this.#entries.get(key)
    return entry !== undefined && this.#all.now < entry.graceUntil ? entry : undefined
  }

  /** Something a shared tier may still count as an entry, although it answers nobody. */
  lingers(key: string): boolean {
    const entry = this.#entries.get(key)
    return entry !== undefined && (entry.lingers || this.present(key)?.absent === true)
  }

  keys(): string[] {
    return [...this.#entries.keys()].filter((key) => this.present(key)?.absent === false)
  }

  /** A read without a loader: only what is fresh. */
  peek(key: string): Expected {
    const all = this.#all
    all.reads += 1
    const entry = this.present(key)
    if (entry === undefined || all.now >= entry.freshUntil) return { kind: 'nothing' }
    all.hits += 1
    renew(entry, all.now)
    return entry.absent
      ? { kind: 'nothing' }
      : { kind: 'hit', value: entry.value, ageMs: all.now - entry.createdAt }
  }

  /** A read that loads what is not fresh. */
  read(key: string, play: Play, options: ReferenceOptions): Expected {
    const isFresh = this.#all.now < (this.present(key)?.freshUntil ?? 0)
    const seen = this.peek(key)
    if (isFresh) return seen
    const graced = this.present(key)
    const rests = this.#all.now < (this.#rests.get(key) ?? 0)
    if (graced !== undefined && rests) return stale(graced, this.#all.now)
    const loaded = this.load(key, play, options)
    if (loaded.kind !== 'failed' || graced === undefined) return loaded
    this.#rests.set(key, this.#all.now + REST_MS)
    return stale(graced, this.#all.now)
  }

  /** Asks the source, whatever is there. */
  load(key: string, play: Play, options: ReferenceOptions): Expected {
    this.#all.loads += 1
    if (play.kind === 'failed') return { kind: 'failed' }
    this.#rests.delete(key)
    if (play.kind !== 'value') this.#entries.delete(key)
    if (play.kind === 'value') this.store(key, play.value, options)
    if (play.kind !== 'absent') return { kind: 'loaded', value: play.value }
    const life = negativeLife(options)
    if (life > 0) {
      const absent = { ...options, ttl: life, grace: 0, sliding: false }
      this.#write(key, { value: undefined, absent: true }, absent)
    }
    return { kind: 'nothing' }
  }

  store(key: string, value: unknown, options: ReferenceOptions): void {
    this.#rests.delete(key)
    this.#write(key, { value, absent: false }, options)
  }

  delete(key: string): void {
    this.#entries.delete(key)
    this.#rests.delete(key)
  }

  clear(): void {
    this.#entries.clear()
  }

  removeTags(tags: readonly string[]): void {
    for (const [key, entry] of this.#entries) {
      if (entry.tags.some((tag) => tags.includes(tag))) this.#entries.delete(key)
    }
  }

  expire(key: string): void {
    const entry = this.present(key)
    if (entry === undefined) return
    entry.lingers ||= entry.freshUntil === Number.POSITIVE_INFINITY
    entry.freshUntil = Math.min(entry.freshUntil, this.#all.now)
    entry.graceUntil = Math.min(entry.graceUntil, entry.freshUntil + entry.grace)
  }

  touch(key: string, ttl: number | undefined): boolean {
    const entry = this.present(key)
    if (entry === undefined || entry.absent) return false
    const life = Math.min(ttl ?? entry.ttl, entry.renewableUntil - this.#all.now)
    if (life <= 0) return false
    this.#rests.delete(key)
    entry.freshUntil = this.#all.now + life
    entry.graceUntil = entry.freshUntil + entry.grace
    entry.lingers = false
    return true
  }

  #write(
    key: string,
    what: Pick<ReferenceEntry, 'value' | 'absent'>,
    options: ReferenceOptions,
  ): void {
    const { now } = this.#all
    const { grace, sliding, tags, endsIn } = options
    const ttl = Math.min(options.ttl, endsIn)
    const freshUntil = now + ttl
    this.#entries.set(key, {
      ...what,
      createdAt: now,
      freshUntil,
      graceUntil: freshUntil + grace,
      ttl,
      grace,
      sliding,
      renewableUntil: now + endsIn,
      tags,
      lingers: false,
    })
  }
}

function stale(entry: ReferenceEntry, now: number): Expected {
  return { kind: 'stale', value: entry.value, ageMs: now - entry.createdAt }
}

/** A read renews a sliding life, at most once in a tenth of it. */
function renew(entry: ReferenceEntry, now: number): void {
  if (!entry.sliding || now - (entry.freshUntil - entry.ttl) < entry.ttl / 10) return
  const freshUntil = Math.min(now + entry.ttl, entry.renewableUntil)
  if (freshUntil <= entry.freshUntil) return
  entry.freshUntil = freshUntil
  entry.graceUntil = freshUntil + entry.grace
}

function negativeLife({ negativeTtl, ttl }: ReferenceOptions): number {
  if (negativeTtl === 'off') return 0
  return negativeTtl === 'auto' ? Math.min(Math.ceil(ttl / 10), 30_000) : negativeTtl
}
