/** Puts together what carries out the writes that wait: a drain for each collection in each shard. */

import type { Clock } from '../contracts/clock.ts'
import { ClosedError } from '../contracts/errors.ts'
import type { Report } from '../contracts/events.ts'
import type { PendingSteps } from '../contracts/pending-steps.ts'
import type { Random } from '../contracts/random.ts'
import type {
  DrainReport,
  DrainTarget,
  QueueSight,
  QueueTold,
  WriteBehind,
} from '../contracts/write-behind.ts'
import { type DrainCounts, QueueDrain } from './queue-drain.ts'
import { repeatableSettles } from './repeatable-settles.ts'

/** Between two looks of a flush. */
const FLUSH_LOOK_MS = 20
const MOST_FLUSH_LOOK_MS = 250

export interface WriteBehindParts {
  /** The cache, for messages. */
  readonly name: string
  readonly steps: PendingSteps
  readonly shards: number
  readonly clock: Clock
  readonly random: Random
  readonly report: Report
}

export function createWriteBehind(parts: WriteBehindParts): WriteBehind {
  return new Drains(parts)
}

class Drains implements WriteBehind {
  readonly #parts: WriteBehindParts
  readonly #owner: string
  /** By collection, and in it by shard. */
  readonly #drains = new Map<string, readonly QueueDrain[]>()
  #closed = false

  constructor(parts: WriteBehindParts) {
    this.#parts = parts
    this.#owner = parts.random.id()
  }

  add(target: DrainTarget): void {
    const { shards, clock, random, report } = this.#parts
    const isVersioned = target.store.fencing === 'versioned'
    const steps = isVersioned ? repeatableSettles(this.#parts.steps) : this.#parts.steps
    const common = { target, steps, clock, random, report, owner: this.#owner }
    const drains = Array.from(
      { length: shards },
      (_, shard) => new QueueDrain({ ...common, shard }),
    )
    this.#drains.set(target.collection, drains)
  }

  wake(collection: string, shard: number, delayMs: number, told?: QueueTold): void {
    const drain = this.#drains.get(collection)?.[shard]
    if (drain === undefined) return
    if (told !== undefined) drain.heard(told)
    drain.wake(delayMs)
  }

  sight(): readonly QueueSight[] {
    return [...this.#drains.values()].map((drains) => {
      const ages = drains.flatMap(({ oldestMs }) => oldestMs ?? [])
      return {
        pattern: drains[0]?.pattern ?? '*',
        waiting: drains.reduce((sum, { waiting }) => sum + waiting, 0),
        bytes: drains.reduce((sum, { bytes }) => sum + bytes, 0),
        oldestMs: ages.length === 0 ? undefined : Math.max(...ages),
      }
    })
  }

  async flush(
    collection: string,
    key: { readonly id: string; readonly shard: number } | undefined,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const every = Array.from({ length: this.#parts.shards }, (_, shard) => shard)
    const shards = key === undefined ? every : [key.shard]
    await Promise.all(
      shards.map((shard) => this.#flushShard({ shard, collection }, key?.id, signal)),
    )
  }

  async #flushShard(
    place: { readonly shard: number; readonly collection: string },
    id: string | undefined,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const { steps, name, clock } = this.#parts
    const { sequence } = await steps.hasten(place, id)
    for (let delayMs = FLUSH_LOOK_MS; ; delayMs = Math.min(MOST_FLUSH_LOOK_MS, delayMs * 2)) {
      signal?.throwIfAborted()
      if (this.#closed) throw new ClosedError(name)
      this.wake(place.collection, place.shard, 0)
      if (!(await steps.waits(place, sequence, id))) return
      // What took the place of one in flight stands for that one too, until that one is settled.
      await steps.hasten(place, id, sequence)
      await new Promise<void>((resolve) => void clock.schedule(delayMs, resolve))
    }
  }

  async close(timeoutMs: number): Promise<DrainReport> {
    const { clock } = this.#parts
    const before = await this.#waiting()
    const began = this.#counts()
    const late = new AbortController()
    const over = (): void => late.abort(new Error('There was no more time.'))
    const cancel = clock.schedule(timeoutMs, over)
    if (before.records > 0) {
      const flushes = [...this.#drains.keys()].map((collection) =>
        this.flush(collection, undefined, late.signal),
      )
      await Promise.allSettled(flushes)
    }
    this.#closed = true
    await Promise.all([...this.#drains.values()].flat().map((drain) => drain.close(late.signal)))
    cancel()
    const { records: remaining, unknown } = await this.#waiting()
    const ended = this.#counts()
    const deadLettered = ended.dead - began.dead
    const gone = before.records - remaining - deadLettered
    // Others may have carried out some of them, and may have queued new ones.
    const flushed = Math.max(0, gone, ended.settled - began.settled)
    return { flushed, remaining, deadLettered, unknown }
  }

  #counts(): Readonly<DrainCounts> {
    const sum = { settled: 0, dead: 0 }
    for (const { counts } of [...this.#drains.values()].flat()) {
      sum.settled += counts.settled
      sum.dead += counts.dead
    }
    return sum
  }

  /** In all queues; one that cannot be asked counts with what it has said last. */
  async #waiting(): Promise<{ readonly records: number; readonly unknown: number }> {
    const { steps } = this.#parts
    let [records, unknown] = [0, 0]
    const asked = [...this.#drains].flatMap(([collection, drains]) =>
      drains.map(async (drain, shard) => {
        try {
          const backlog = await steps.backlog({ shard, collection })
          records += backlog.records
        } catch {
          records += drain.waiting
          unknown += 1
        }
      }),
    )
    await Promise.all(asked)
    return { records, unknown }
  }
}
