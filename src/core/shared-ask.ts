/**
 * One key that is asked for in one tick, and everybody who asks for it. Gathered and answered by
 * `shared-hits.ts`.
 */

import type { MemoryEntry } from '../contracts/memory-tier.ts'
import type { CacheKey } from '../contracts/source.ts'
import type { Asked } from './flight.ts'
import type { AheadLoad } from './refresh-ahead.ts'
import type { PlacedKey } from './shared-access.ts'
import type { Space } from './space.ts'

/** Who wants a key. `at`: which of theirs, for those who want several. */
export interface HitAsker {
  /** Whether what is found nowhere is loaded. */
  readonly loads: boolean
  /** How what is near its end is loaded anew; `undefined`: it is not. */
  readonly ahead: AheadLoad | undefined
  hit(value: unknown, at: number): void
  /**
   * `undefined`: what the tier has is to be looked at more closely.
   * @returns what that comes to.
   */
  open(asked: Asked | undefined, at: number): Promise<unknown>
  /** Another asker of the same tick is looking: a thousand callers of one key are one caller. */
  join(answer: Promise<unknown>, at: number): void
}

export interface Seat {
  readonly asker: HitAsker
  readonly at: number
}

export interface Ask extends Seat {
  readonly space: Space
  readonly key: CacheKey
  readonly shared: PlacedKey
  /** Of the space's changes, when it was asked for. */
  readonly mark: number
  /** Beside the first. */
  more: Seat[] | undefined
  /** All but the first of the single callers, where they may share an answer. */
  crowd: Crowd | undefined
}

export interface Crowd {
  readonly loads: boolean
  readonly answer: Promise<unknown>
  /** Beside the one who has a seat. */
  others: number
}

/** How many callers have no seat of their own. */
export function standing({ crowd }: Ask): number {
  return crowd?.others ?? 0
}

export function addSeat(ask: Ask, seat: Seat): void {
  if (ask.more === undefined) ask.more = [seat]
  else ask.more.push(seat)
}

/** Each has the value as it is handed out here. */
export function give(ask: Ask, value: unknown): void {
  giveOne(ask, ask.space, value)
  if (ask.more !== undefined) for (const seat of ask.more) giveOne(seat, ask.space, value)
}

/** The entry's value; nothing, of one that says that there is nothing. */
export function contentOf({ absent, value }: MemoryEntry): unknown {
  return absent ? undefined : value
}

function giveOne({ asker, at }: Seat, { declaredMemory }: Space, value: unknown): void {
  if (value === undefined || declaredMemory === undefined) {
    asker.hit(value, at)
    return
  }
  let copy: unknown
  try {
    copy = declaredMemory.handOut(value)
  } catch {
    // What cannot be copied is told by who looks closely.
    void asker.open(undefined, at)
    return
  }
  asker.hit(copy, at)
}

/**
 * Nobody has an answer yet. Who comes to load shares the look of the first who does, since there is one
 * load of a key; whoever looks is counted there, and the others here.
 */
export function tell(ask: Ask, asked: Asked | undefined): void {
  let uncounted = standing(ask)
  let loading: Promise<unknown> | undefined
  const follow = ({ asker, at }: Seat): void => {
    // Only where nothing was found that can be read are all answered alike.
    if (asker.loads && loading !== undefined && asked !== undefined && asked !== 'unanswered') {
      asker.join(loading, at)
      uncounted += 1
      return
    }
    const answer = asker.open(asked, at)
    if (asker.loads) loading ??= answer
  }
  follow(ask)
  if (ask.more !== undefined) for (const seat of ask.more) follow(seat)
  if (uncounted === 0) return
  const { memory } = ask.space
  const counters = ask.space.counters.of(ask.key)
  if (memory !== undefined) counters.memoryMisses += uncounted
  counters.unmet += uncounted
}
