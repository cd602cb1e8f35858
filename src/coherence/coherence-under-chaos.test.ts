/**
 * All rules together, in seeded runs: hints that are lost, doubled and late, follows that are slow and
 * fail, shards that begin anew. A checker that knows when each key changed looks at every copy.
 */

import { describe, expect, test } from 'vitest'
import type { Coherence, Position } from '../contracts/coherence.ts'
import type { FollowAnswer, FollowRequest, Hint, SharedSignal } from '../contracts/shared-tier.ts'
import { encodeKey } from '../keys/key-encoding.ts'
import { FakeClock } from '../testing/fake-clock.ts'
import { SeededRandom } from '../testing/seeded-random.ts'
import { createCoherence } from './create-coherence.ts'

const KEYS = Array.from({ length: 12 }, (_, at) => ({
  ...encodeKey(at % 2 === 0 ? 'a' : 'b', `k${at}`),
  bucket: at % 4,
  tags: at % 3 === 0 ? ['t', 'u'] : at % 3 === 1 ? ['t'] : [],
}))
type Key = (typeof KEYS)[number]
type HintChange = Hint['changes'][number]
type Told = FollowAnswer['changes'][number]

const PAGE = 3

/** The shard: what it tells followers, and when each key really changed. */
class Shard {
  epoch = 'e0'
  sequence = 100
  floor = 0
  order = 0
  readonly numbers = new Map<string, Told>()
  /** By key: each change with its place in the order of all that happened, and its time. */
  readonly changed = new Map<string, { readonly order: number; readonly at: number }[]>()

  constructor() {
    for (const { id } of KEYS) this.changed.set(id, [])
  }

  /** One step: the hint of it. */
  change(now: number, concerned: readonly Key[], ...changes: readonly HintChange[]): Hint {
    this.order += 1
    const first = this.sequence + 1
    this.sequence += changes.length
    for (const { id } of concerned) this.changed.get(id)?.push({ order: this.order, at: now })
    for (const [at, change] of changes.entries()) this.#number(change, first + at)
    const { epoch, sequence: last } = this
    return { kind: 'changes', shard: 0, epoch, first, last, sender: '', changes }
  }

  renew(now: number, sequence: number): void {
    this.change(now, KEYS)
    this.epoch = `e${this.order}`
    this.sequence = sequence
    this.floor = 0
    this.numbers.clear()
  }

  follow({ epoch, cursor }: FollowRequest): FollowAnswer {
    const from = epoch === this.epoch ? cursor : 0
    const above = [...this.numbers.values()]
      .filter(({ number }) => number > from)
      .sort((one, other) => one.number - other.number)
    const next = above[PAGE]?.number
    const changes = next === undefined ? above : above.filter(({ number }) => number < next)
    const upTo = next === undefined ? this.sequence : (changes.at(-1)?.number ?? this.sequence)
    const told = changes.length === 0 ? above : changes
    const { sequence, floor } = this
    const moment = { shard: 0, epoch: this.epoch, sequence, serverNow: 0, floor, taggedFloor: 0 }
    return { ...moment, changes: told, upTo }
  }

  #number(change: HintChange, number: number): void {
    if (change.kind === 'floor') this.floor = number
    else if (change.kind === 'keys') {
      for (const { bucket } of KEYS.filter(({ id }) => change.ids.includes(id))) {
        this.numbers.set(`bucket ${bucket}`, { kind: 'bucket', bucket, number })
      }
    } else {
      this.numbers.set(JSON.stringify(change), { ...change, number })
    }
  }
}

/** A change of some kind, and the keys that it concerns. */
function draw(shard: Shard, random: SeededRandom, now: number): Hint {
  const one = random.pick(KEYS)
  const other = random.pick(KEYS)
  const keys = (...ids: readonly string[]): HintChange => ({ kind: 'keys', ids, mode: 'delete' })
  const having = (...tags: readonly string[]) =>
    KEYS.filter((key) => tags.every((tag) => key.tags.includes(tag)))
  switch (random.below(12)) {
    case 0:
      return shard.change(now, having('t'), { kind: 'tag', tag: 't', mode: 'delete' })
    case 1:
      return shard.change(now, having('t', 'u'), { kind: 'all-tags', tags: ['t', 'u'] })
    case 2: {
      const collection = random.pick(['a', 'b'])
      const inside = KEYS.filter((key) => key.collection === collection)
      return shard.change(now, inside, { kind: 'collection', collection })
    }
    case 3: {
      const inside = KEYS.filter(({ id }) => /^a:s\d:k[0-4]$/.test(id))
      const pattern = {
        kind: 'pattern',
        collection: 'a',
        pattern: 'k[0-4]',
        active: false,
      } as const
      return shard.change(now, inside, pattern)
    }
    case 4:
      return shard.change(now, KEYS, { kind: 'floor' })
    case 5:
      return shard.change(now, [one, other], keys(one.id), keys(other.id))
    default:
      return shard.change(now, [one], keys(one.id))
  }
}

interface Copy {
  readonly position: Position
  readonly stamp: number
  /** When it was read, in the order of all that happened. */
  readonly order: number
}

/** One process, as core would drive it: reservations, copies, and what a listener does to them. */
function run(seed: number) {
  const random = new SeededRandom(seed)
  const clock = new FakeClock()
  const shard = new Shard()
  const copies = new Map<string, Copy>()
  const reserved = new Map<string, Set<{ alive: boolean }>>()
  const seen = { stood: 0, stale: 0 }
  const loss = random.pick([0, 0.1, 0.5])
  let tell = (_signal: SharedSignal): void => undefined
  const later = (most: number, task: () => void): void => {
    clock.schedule(1 + random.below(most), task)
  }
  const far = <T>(answer: () => T): Promise<T> =>
    new Promise((resolve, reject) => {
      later(40, () => {
        const answered = answer()
        const failed = random.next() < loss / 3
        later(40, () => (failed ? reject(new Error('lost')) : resolve(answered)))
      })
    })
  const coherence: Coherence = createCoherence({
    session: {
      shards: 1,
      hints: 'exact',
      mark: 'own',
      place: ({ id }) => ({ shard: 0, bucket: KEYS.find((key) => key.id === id)?.bucket ?? 0 }),
      listen: (listener) => {
        tell = listener
      },
      follow: (request) => far(() => shard.follow(request)),
      sweepPattern: async () => true,
    },
    clock,
    random: new SeededRandom(seed),
    listener: {
      changed: (ids, { number }) => {
        for (const id of ids) {
          for (const reservation of reserved.get(id) ?? []) reservation.alive = false
          if ((copies.get(id)?.position.cursor ?? Number.POSITIVE_INFINITY) < number) {
            copies.delete(id)
          }
        }
      },
      doubt: () => undefined,
      trustUntil: () => undefined,
      renewed: () => undefined,
      invalidated: () => undefined,
      released: () => undefined,
      unlocked: () => undefined,
    },
    maxBlindnessMs: 60_000,
    mode: { kind: 'push' },
  })

  function load(key: Key): void {
    const position = coherence.position(key)
    const reservation = { alive: true }
    const others = reserved.get(key.id) ?? new Set()
    reserved.set(key.id, others.add(reservation))
    void far(() => ({ stamp: shard.sequence, order: shard.order, epoch: shard.epoch }))
      .then(({ stamp, order, epoch }) => {
        const stands = reservation.alive && coherence.survives(key, position)
        if (stands && epoch === position.epoch) copies.set(key.id, { position, stamp, order })
      })
      .catch(() => undefined)
      .finally(() => others.delete(reservation))
  }

  /** What changed before the last answered follow was sent must be known. */
  function check(): void {
    const followedAt = clock.monotonic() - coherence.state.blindMs
    for (const key of KEYS) {
      const copy = copies.get(key.id)
      if (copy === undefined) continue
      const { position, stamp, order } = copy
      const copied = { epoch: position.epoch, stamp, asOf: position.cursor, blind: false }
      if (coherence.judgeCopy(key, copied, key.tags) !== 'stands') continue
      seen.stood += 1
      const missed = shard.changed.get(key.id)?.find((change) => change.order > order)
      if (missed === undefined) continue
      seen.stale += 1
      expect(missed.at, `seed ${seed}: ${key.id} at ${clock.monotonic()}`).toBeGreaterThanOrEqual(
        followedAt,
      )
    }
  }

  function hint(told: Hint): void {
    const copiesOfIt = random.next() < loss ? 0 : 1 + random.below(loss === 0 ? 1 : 2)
    for (let at = 0; at < copiesOfIt; at += 1) {
      // Without losses hints come in order, as over one connection.
      if (loss === 0) clock.schedule(5, () => tell(told))
      else later(30, () => tell(told))
    }
  }

  async function step(): Promise<void> {
    const chance = random.next()
    if (chance < 0.5) load(random.pick(KEYS))
    else if (chance < 0.8) hint(draw(shard, random, clock.monotonic()))
    else if (chance < 0.81) tell({ kind: 'reconnected', shards: [0] })
    else if (chance < 0.82) shard.renew(clock.monotonic(), 100 + random.below(200))
    else tell({ kind: 'released', ids: [] })
    await clock.advance(random.below(20))
    check()
  }

  return { step, clock, coherence, seen }
}

describe('coherence under chaos', () => {
  test('serves no copy that changed before the last answered follow was sent', async () => {
    const all = { stood: 0, stale: 0, gaps: 0, epochs: 0 }
    for (let seed = 1; seed <= 60; seed += 1) {
      const { step, clock, coherence, seen } = run(seed)
      for (let at = 0; at < 250; at += 1) await step()
      const { gaps, epochs } = coherence.state
      all.stood += seen.stood
      all.stale += seen.stale
      all.gaps += gaps
      all.epochs += epochs
      coherence.close()
      await clock.advance(1_000)
      expect(clock.timers).toBe(0)
    }
    // Runs in which nothing happens would show nothing.
    expect(all.stood).toBeGreaterThan(5_000)
    expect(Math.min(all.stale, all.gaps, all.epochs)).toBeGreaterThan(20)
  })
})
