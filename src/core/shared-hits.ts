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
import type { SharedKey, SharedReading } from '../contracts/shared-tier.ts'
import type { CacheKey } from '../contracts/source.ts'
import type { Engine, SharedParts } from './engine.ts'
import type { Asked } from './flight.ts'
import { publishFound } from './publish-found.ts'
import { SHARED_BATCH } from './shared-access.ts'
import {
  readFresh,
  readShared,
  type SharedFinding,
  type SharedSighting,
  type SightedFrom,
} from './shared-reader.ts'
import type { Space } from './space.ts'
import { closeSoon } from './tick-batch.ts'

/** Who wants a key. `at`: which of theirs, for those who want several. */
export interface HitAsker {
  /** Whether what is found nowhere is loaded. */
  readonly loads: boolean
  hit(value: unknown, at: number): void
  /**
   * `undefined`: what the tier has is to be looked at more closely.
   * @returns what that comes to.
   */
  open(asked: Asked | undefined, at: number): Promise<unknown>
  /** Another asker of the same tick is looking: a thousand callers of one key are one caller. */
  join(answer: Promise<unknown>, at: number): void
}

interface Seat {
  readonly asker: HitAsker
  readonly at: number
}

/** One key that is asked for, perhaps by several. */
interface Ask extends Seat {
  readonly space: Space
  readonly key: CacheKey
  readonly shared: SharedKey
  /** Of the space's changes, when it was asked for. */
  readonly mark: number
  more: Seat[] | undefined
  /** All but the first of the single callers, where they may share an answer. */
  crowd: Crowd | undefined
}

interface Crowd {
  readonly loads: boolean
  readonly answer: Promise<unknown>
  /** Beside the one who has a seat. */
  others: number
}

/** What was known when a call was sent. */
interface Sent {
  readonly askedAt: number
  readonly tagsTold: number
  /** By shard. */
  readonly stands: ReadonlyMap<number, Stand>
}

type Stand = SightedFrom & { readonly shared: { readonly position: Position } }
type Sighting = SharedSighting & { readonly reservation: Stand }

export class SharedHits {
  readonly #engine: Engine
  readonly #shared: SharedParts
  #asks: Ask[] = []
  /** Keys of this tick. */
  #byId = new Map<string, Ask>()
  /** The last of them: the next caller often wants the same. */
  #last: Ask | undefined
  readonly #underWay = new Set<readonly Ask[]>()

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
      return addSeat(last, seat)
    }
    const shared = space.sharedKey(key)
    const same = this.#byId.get(shared.id)
    if (same !== undefined) {
      this.#last = same
      return addSeat(same, seat)
    }
    const { asker, at } = seat
    const { mark } = space.reservations.changes
    const ask: Ask = { space, key, shared, mark, asker, at, more: undefined, crowd: undefined }
    this.#byId.set(shared.id, ask)
    this.#last = ask
    this.#asks.push(ask)
    if (this.#asks.length === 1) this.#flushSoon()
    return ask
  }

  /** Who still waits hears from `lookup` that the cache is closed. */
  #close(): void {
    for (const asks of [this.#asks, ...this.#underWay]) {
      for (const ask of asks) tell(ask, 'unanswered')
    }
    this.#asks = []
    this.#last = undefined
    this.#underWay.clear()
  }

  /** While a call is under way, there is time to gather what the rest of the turn brings. */
  #flushSoon(): void {
    const { clock } = this.#engine
    if (this.#underWay.size === 0) closeSoon(clock, () => this.#flush())
    else clock.schedule(0, () => this.#flush())
  }

  #flush(): void {
    const asks = this.#asks
    this.#asks = []
    this.#byId = new Map()
    this.#last = undefined
    for (let start = 0; start < asks.length; start += SHARED_BATCH) {
      const part = asks.length <= SHARED_BATCH ? asks : asks.slice(start, start + SHARED_BATCH)
      void this.#read(part)
    }
  }

  async #read(asks: readonly Ask[]): Promise<void> {
    const { clock } = this.#engine
    const { outbox, access } = this.#shared
    const stands = new Map<number, Stand>()
    const sending = asks.filter((ask) => this.#isReadable(ask, stands))
    const { tagsTold } = outbox
    const sent: Sent = { askedAt: clock.monotonic(), tagsTold, stands }
    if (sending.length === 0) return
    this.#underWay.add(sending)
    const readings = await access.readAll(sending.map(({ shared }) => shared))
    // Its askers have been told that the cache is closed.
    if (!this.#underWay.delete(sending)) return
    for (let at = 0; at < sending.length; at += 1) {
      this.#take(sending[at] as Ask, readings?.[at], sent)
    }
  }

  /**
   * Who has not heard of changes for too long leaves the judgement to the steps of the tier. Notes where
   * each shard stands.
   */
  #isReadable(ask: Ask, stands: Map<number, Stand>): boolean {
    const { coherence, access } = this.#shared
    const shard = access.shardOf(ask.shared)
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
      tell(ask, 'unanswered')
      return
    }
    if (reading.entry === undefined) {
      this.#missed(ask, 'missed')
      return
    }
    const { outbox } = this.#shared
    const { entry, serverNow, shard } = reading
    const { askedAt, tagsTold, stands } = sent
    const reservation = stands.get(shard)
    if (reservation === undefined) {
      tell(ask, undefined)
      return
    }
    const sighting = { key: ask.shared, entry, serverNow, askedAt, reservation, tagsTold }
    const fresh = readFresh(this.#engine, ask.space, sighting)
    if (fresh !== undefined && outbox.size === 0) {
      this.#value(ask, fresh.value)
      return
    }
    const finding = readShared(this.#engine, ask.space, sighting)
    if (finding instanceof Promise) {
      void finding.then((one) => this.#judge(ask, sighting, one))
    } else {
      this.#judge(ask, sighting, finding)
    }
  }

  #judge(ask: Ask, sighting: Sighting, finding: SharedFinding): void {
    if (finding.kind === 'undecodable') {
      this.#missed(ask, { unreadable: sighting.entry })
      return
    }
    const now = this.#engine.clock.monotonic()
    const fresh = finding.kind === 'entry' && now < finding.entry.freshUntil
    // Something that is to be told to the tier has come up meanwhile.
    if (!fresh || this.#shared.outbox.size > 0) {
      tell(ask, undefined)
      return
    }
    this.#hit(ask, finding.entry, sighting.reservation)
  }

  #missed(ask: Ask, asked: Asked): void {
    ask.space.counters.sharedMisses += 1
    this.#engine.log.read?.(ask.space.pattern, 'shared', false)
    tell(ask, asked)
  }

  /** Of a cache that keeps no copies. */
  #value({ space, asker, at, more }: Ask, value: unknown): void {
    space.counters.sharedHits += 1
    this.#engine.log.read?.(space.pattern, 'shared', true)
    asker.hit(value, at)
    if (more !== undefined) for (const seat of more) seat.asker.hit(value, seat.at)
  }

  #hit(ask: Ask, entry: MemoryEntry, stand: Stand): void {
    const { space, key, mark, more, crowd } = ask
    const { memory, counters, pattern, reservations } = space
    counters.sharedHits += 1
    this.#engine.log.read?.(pattern, 'shared', true)
    if (memory !== undefined) {
      counters.memoryMisses += 1 + (more?.length ?? 0) + (crowd?.others ?? 0)
      this.#engine.log.read?.(pattern, 'memory', false)
    }
    if (memory !== undefined || entry.renewal === 'sliding') {
      const alive = !reservations.changes.touched(key, mark)
      const shared = { key: ask.shared, position: stand.shared.position }
      publishFound(this.#engine, space, { key, stamp: stand.stamp, shared, alive }, entry)
    }
    give(space, entry, ask)
    if (more !== undefined) for (const one of more) give(space, entry, one)
  }
}

function addSeat(ask: Ask, seat: Seat): Ask {
  if (ask.more === undefined) ask.more = [seat]
  else ask.more.push(seat)
  return ask
}

function give({ memory }: Space, { absent, value }: MemoryEntry, { asker, at }: Seat): void {
  if (absent || memory === undefined) {
    asker.hit(value, at)
    return
  }
  let copy: unknown
  try {
    copy = memory.handOut(value)
  } catch {
    // What cannot be copied is told by who looks closely.
    void asker.open(undefined, at)
    return
  }
  asker.hit(copy, at)
}

/** Who comes to load shares the look of the first who does, since there is one load of a key. */
function tell(ask: Ask, asked: Asked | undefined): void {
  let loading = follow(ask, undefined, asked)
  if (ask.more === undefined) return
  for (const seat of ask.more) loading = follow(seat, loading, asked)
}

function follow(
  { asker, at }: Seat,
  loading: Promise<unknown> | undefined,
  asked: Asked | undefined,
): Promise<unknown> | undefined {
  // Only where nothing was found that can be read are all answered alike.
  const isMiss = asked !== undefined && asked !== 'unanswered'
  if (asker.loads && loading !== undefined && isMiss) {
    asker.join(loading, at)
    return loading
  }
  const answer = asker.open(asked, at)
  return asker.loads ? (loading ?? answer) : loading
}
