/**
 * The hit path of the shared tier: reads that nothing stands in the way of. All that one tick asks for
 * travel in one call, and what is fresh is answered without a flight for each.
 *
 * `keyspace.ts` comes here with what this process does not hold. Whatever this leaves open goes on to
 * `lookup.ts`, with what the tier has said.
 */

import type { Position } from '../contracts/coherence.ts'
import { TierError } from '../contracts/errors.ts'
import type { MemoryEntry } from '../contracts/memory-tier.ts'
import type { SharedReading } from '../contracts/shared-tier.ts'
import type { CacheKey } from '../contracts/source.ts'
import { aheadFrom } from './ahead-window.ts'
import type { Engine, SharedParts } from './engine.ts'
import type { Asked } from './flight.ts'
import { noteSharedRead } from './note-read.ts'
import { publishFound } from './publish-found.ts'
import type { ReadCounters } from './read-counters.ts'
import { considerAhead } from './refresh-ahead.ts'
import { SHARED_BATCH } from './shared-access.ts'
import {
  type Ask,
  addSeat,
  contentOf,
  give,
  type HitAsker,
  type Seat,
  standing,
  tell,
} from './shared-ask.ts'
import {
  readShared,
  type SharedFinding,
  type SharedSighting,
  type SightedFrom,
} from './shared-reader.ts'
import type { Space } from './space.ts'
import { closeBatch } from './tick-batch.ts'

/** What was known when a call was sent. */
interface Sent {
  readonly askedAt: number
  readonly tagsTold: number
  /** By shard. */
  readonly stands: ReadonlyMap<number, Stand>
  /** When the first of them was asked for. */
  readonly begunAt: number
  /** Callers that have an answer and were not told of. */
  readonly answered: Map<ReadCounters, number>
}

/** Emptied when it is over, for the reason that `ClearedMap` gives. */
interface Sending {
  asks: readonly Ask[]
}

type Stand = SightedFrom & { readonly shared: { readonly position: Position } }
type Sighting = SharedSighting & Pick<Sent, 'answered'> & { readonly reservation: Stand }

export class SharedHits {
  readonly #engine: Engine
  readonly #shared: SharedParts
  #asks: Ask[] = []
  /** Keys of this tick, by the collections they are of. */
  #byKey = new Map<Space, Map<CacheKey, Ask>>()
  /** The last of them: the next caller often wants the same. */
  #last: Ask | undefined
  /** When the first of this tick was asked for. */
  #begunAt = 0
  readonly #underWay = new Set<Sending>()

  constructor(engine: Engine, shared: SharedParts) {
    this.#engine = engine
    this.#shared = shared
    engine.onClose(() => this.#close())
  }

  /** Whether a plain read may answer for the key; if not, `lookup` knows what else to do. */
  takes(space: Space, key: CacheKey): boolean {
    const last = this.#last
    if (last !== undefined && last.key === key && last.space === space) return true
    const { coherence, outbox, access } = this.#shared
    const { memory, flights, timeouts } = space
    return (
      coherence.beginning === undefined &&
      outbox.size === 0 &&
      !this.#engine.closing.aborted &&
      // The tier's own time budget is all that bounds these reads.
      access.timeoutMs <= timeouts.hardMs &&
      !(flights.size > 0 && flights.has(key)) &&
      memory?.find(key, this.#engine.clock.monotonic()) === undefined
    )
  }

  /**
   * What the callers before this one will be answered, if it may be answered alike: a thousand callers of
   * one key in one tick are two, the first and all the others.
   */
  crowd(space: Space, key: CacheKey, loads: boolean): Promise<unknown> | undefined {
    const last = this.#last
    if (last === undefined || last.key !== key || last.space !== space) return undefined
    if (last.crowd === undefined || last.crowd.loads !== loads) return undefined
    last.crowd.others += 1
    return last.crowd.answer
  }

  /** For a caller of one key, who waits for `answer`. @throws ArgumentError for a key that cannot be. */
  askAlone(space: Space, key: CacheKey, asker: HitAsker, answer: Promise<unknown>): void {
    const ask = this.ask(space, key, { asker, at: 0 })
    const isFirst = ask.asker === asker
    if (isFirst || ask.crowd !== undefined || space.memory?.perReader === true) return
    ask.crowd = { loads: asker.loads, answer, others: 0 }
  }

  /** @throws ArgumentError for a key that cannot be. */
  ask(space: Space, key: CacheKey, seat: Seat): Ask {
    const last = this.#last
    if (last !== undefined && last.key === key && last.space === space) {
      addSeat(last, seat)
      return last
    }
    const ofSpace = this.#asksOf(space)
    const same = ofSpace.get(key)
    if (same !== undefined) {
      this.#last = same
      addSeat(same, seat)
      return same
    }
    const shared = this.#shared.access.placed(space.sharedKey(key))
    const { asker, at } = seat
    const { mark } = space.reservations.changes
    const ask: Ask = { space, key, shared, mark, asker, at, more: undefined, crowd: undefined }
    ofSpace.set(key, ask)
    this.#last = ask
    this.#asks.push(ask)
    if (this.#asks.length === 1) {
      this.#begunAt = this.#engine.clock.monotonic()
      closeBatch(this.#engine.clock, this.#underWay.size > 0, () => this.#flush())
    }
    return ask
  }

  #asksOf(space: Space): Map<CacheKey, Ask> {
    let asks = this.#byKey.get(space)
    if (asks === undefined) {
      asks = new Map()
      this.#byKey.set(space, asks)
    }
    return asks
  }

  /** Who still waits hears from `lookup` that the cache is closed. */
  #close(): void {
    for (const { asks } of [{ asks: this.#asks }, ...this.#underWay]) {
      for (const ask of asks) tell(ask, 'unanswered')
    }
    this.#asks = []
    this.#last = undefined
    this.#underWay.clear()
  }

  #flush(): void {
    const asks = this.#asks
    const begunAt = this.#begunAt
    this.#asks = []
    this.#byKey = new Map()
    this.#last = undefined
    for (let start = 0; start < asks.length; start += SHARED_BATCH) {
      const part = asks.length <= SHARED_BATCH ? asks : asks.slice(start, start + SHARED_BATCH)
      void this.#read(part, begunAt)
    }
  }

  async #read(asks: readonly Ask[], begunAt: number): Promise<void> {
    const { clock } = this.#engine
    const { outbox, access } = this.#shared
    const stands = new Map<number, Stand>()
    const readable = asks.filter((ask) => this.#isReadable(ask, stands))
    const { tagsTold } = outbox
    const answered = new Map<ReadCounters, number>()
    const sent: Sent = { askedAt: clock.monotonic(), tagsTold, stands, begunAt, answered }
    if (readable.length === 0) return
    const sending: Sending = { asks: readable }
    this.#underWay.add(sending)
    const readings = await access.readAll(readable.map(({ shared }) => shared))
    sending.asks = []
    // Its askers have been told that the cache is closed.
    if (!this.#underWay.delete(sending)) return
    for (let at = 0; at < readable.length; at += 1) {
      const ask = readable[at] as Ask
      try {
        this.#take(ask, readings?.[at], sent)
      } catch {
        // A value that cannot be kept, for instance: who looks closely meets it again, and tells.
        tell(ask, undefined)
      }
    }
    this.#tellTimes(sent)
  }

  /** All of them have waited alike, as they have travelled together. */
  #tellTimes({ begunAt, answered }: Sent): void {
    if (answered.size === 0) return
    const durationMs = this.#engine.clock.monotonic() - begunAt
    for (const [counters, callers] of answered) counters.took(durationMs, callers)
    answered.clear()
  }

  /**
   * Who has not heard of changes for too long leaves the judgement to the steps of the tier. Notes where
   * each shard stands.
   */
  #isReadable(ask: Ask, stands: Map<number, Stand>): boolean {
    const { coherence } = this.#shared
    const { shard } = ask.shared
    if (stands.has(shard)) return true
    const readable = coherence.readable(ask.shared)
    if (readable) {
      const position = coherence.position(ask.shared)
      stands.set(shard, { stamp: this.#engine.order.stamp, shared: { position } })
    } else {
      tell(ask, undefined)
    }
    return readable
  }

  #take(ask: Ask, reading: SharedReading | TierError | undefined, sent: Sent): void {
    if (reading === undefined || reading instanceof TierError) {
      ask.space.counters.of(ask.key).sharedErrors += 1
      tell(ask, 'unanswered')
      return
    }
    if (reading.entry === undefined) {
      this.#missed(ask, 'missed')
      return
    }
    const { entry, serverNow, shard, epoch } = reading
    const { askedAt, tagsTold, stands } = sent
    const reservation = stands.get(shard)
    if (reservation === undefined) {
      tell(ask, undefined)
      return
    }
    const valueAlone = ask.space.memory === undefined && ask.asker.ahead === undefined
    const sighting = {
      key: ask.shared,
      entry,
      serverNow,
      epoch,
      askedAt,
      reservation,
      tagsTold,
      valueAlone,
      answered: sent.answered,
    }
    const finding = readShared(this.#engine, ask.space, sighting)
    if (finding instanceof Promise) {
      finding
        .then((one) => {
          this.#judge(ask, sighting, one)
          this.#tellTimes(sent)
        })
        .catch(() => tell(ask, undefined))
    } else {
      this.#judge(ask, sighting, finding)
    }
  }

  #judge(ask: Ask, sighting: Sighting, finding: SharedFinding): void {
    if (finding.kind === 'undecodable') {
      this.#missed(ask, { unreadable: sighting.entry, newer: finding.newer })
      return
    }
    // Something that is to be told to the tier has come up meanwhile.
    if (this.#shared.outbox.size > 0) tell(ask, undefined)
    else if (finding.kind === 'value') {
      noteSharedRead(this.#engine, ask.space, sighting)
      this.#hit(ask, finding.value, sighting)
    } else if (finding.kind === 'entry' && this.#isFresh(finding.entry)) {
      noteSharedRead(this.#engine, ask.space, sighting)
      this.#serve(ask, finding.entry, sighting)
    } else tell(ask, undefined)
  }

  #serve(ask: Ask, found: MemoryEntry, sighting: Sighting): void {
    const { space, key, asker } = ask
    const { ahead } = asker
    const from = ahead && aheadFrom(found, found.absent ? undefined : ahead.options.refreshAhead)
    const entry = from === undefined ? found : { ...found, aheadFrom: from }
    this.#publish(ask, entry, sighting.reservation)
    this.#hit(ask, contentOf(entry), sighting)
    if (ahead !== undefined) considerAhead(this.#engine, space, key, { ...ahead, entry })
  }

  #isFresh({ freshUntil }: MemoryEntry): boolean {
    return this.#engine.clock.monotonic() < freshUntil
  }

  #missed(ask: Ask, asked: Asked): void {
    ask.space.counters.of(ask.key).sharedMisses += 1
    this.#engine.log.read?.(ask.space.pattern, 'shared', false)
    tell(ask, asked)
  }

  #hit(ask: Ask, value: unknown, { answered }: Sighting): void {
    const { memory, pattern } = ask.space
    const counters = ask.space.counters.of(ask.key)
    const callers = 1 + (ask.more?.length ?? 0) + standing(ask)
    counters.sharedHits += 1
    counters.answered += callers
    if (counters.isTimed) answered.set(counters, (answered.get(counters) ?? 0) + callers)
    ask.space.shadow?.sharedHit(ask.key, value)
    this.#engine.log.read?.(pattern, 'shared', true)
    if (memory !== undefined) {
      counters.memoryMisses += callers
      this.#engine.log.read?.(pattern, 'memory', false)
    }
    give(ask, value)
  }

  #publish(
    { space, key, mark, shared: sharedKey }: Ask,
    entry: MemoryEntry,
    { stamp, shared: { position } }: Stand,
  ): void {
    const alive = !space.reservations.changes.touched(key, mark)
    const shared = { key: sharedKey, position }
    publishFound(this.#engine, space, { key, stamp, shared, alive }, entry)
  }
}
