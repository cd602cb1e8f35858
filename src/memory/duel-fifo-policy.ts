/**
 * The replacement policy of the memory tier: two queues, and a duel at the gate between them.
 *
 * New entries wait in a small queue, proven ones live in the main queue, and what has left is
 * remembered as a ghost: the shape of S3-FIFO (Yang et al., "FIFO queues are all you need for cache
 * eviction", SOSP 2023). A hit does no more than raise a counter that stops at 7.
 *
 * Two ways of letting an entry into the main queue compete, since no single one is good on every
 * workload. The strict way compares uses, ghosts' uses included, and lets the entry in only over a
 * less used one (TinyLFU admission: Einziger, Friedman, Manes, ACM ToS 2017); loops and scans need
 * it. The lenient way lets in whatever was used again and ages the main queue as a clock; workloads
 * that drift need it. Ghosts tell which way was wrong (as in ARC: Megiddo, Modha, FAST 2003): a
 * candidate that is asked for soon after it was turned away speaks for leniency and for a larger
 * small queue, a main entry that is asked for soon after it had to leave speaks against both.
 *
 * Made by the memory tier, once for each priority.
 */

import type {
  ReplacementPolicy,
  ReplacementPolicyFactory,
} from '../contracts/replacement-policy.ts'
import { GhostTable } from './ghost-table.ts'
import { type SlotLinks, SlotQueue } from './slot-queue.ts'

const MOST_USES = 7
/** Share of the entries that the small queue holds: at the start, at least and at most. */
const SMALL_SHARE = 0.05
const SMALL_SHARE_LEAST = 0.01
const SMALL_SHARE_MOST = 0.5
/** Departures that ghosts are known for, as a multiple of the slots. */
const GHOST_SPAN = 2
/** Departures that count as "soon", as a share of the entries held. */
const SOON = 0.06
/** How far one regret moves the small queue, in entries. */
const RESIZE_STEP = 0.5
/** How far one regret moves leniency, per entry held. */
const LENIENCY_STEP = 3
/** Every so many times that a main entry wins a duel, it loses one use: past glory fades. */
const WINS_A_FADE = 16
/** Main entries that are given another round for one eviction at most, so that it takes bounded time. */
const MOST_ROUNDS = 64

/** Chooses this policy; the default of the memory tier. */
export const duelFifoPolicy: ReplacementPolicyFactory = (expected) => new DuelFifoPolicy(expected)

class DuelFifoPolicy implements ReplacementPolicy {
  readonly name = 'duel-fifo'
  readonly #expected: number
  readonly #links: SlotLinks = { newer: new Int32Array(0), older: new Int32Array(0) }
  readonly #small = new SlotQueue(this.#links)
  readonly #main = new SlotQueue(this.#links)
  #uses = new Uint8Array(0)
  #inMain = new Uint8Array(0)
  #hashes = new Uint32Array(0)
  readonly #ghosts = new GhostTable()
  /** Those who left the main queue, on a clock of their own: they are few among all who leave. */
  readonly #mainGhosts = new GhostTable()
  #smallShare = SMALL_SHARE
  /** From 0, always strict, to 1, always lenient. */
  #leniency = 0
  #leniencyDue = 0
  #wins = 0

  constructor(expected: number) {
    this.#expected = expected
  }

  resize(capacity: number): void {
    this.#links.newer = grown(this.#links.newer, new Int32Array(capacity))
    this.#links.older = grown(this.#links.older, new Int32Array(capacity))
    this.#uses = grown(this.#uses, new Uint8Array(capacity))
    this.#inMain = grown(this.#inMain, new Uint8Array(capacity))
    this.#hashes = grown(this.#hashes, new Uint32Array(capacity))
    // By what is there rather than by what is expected: a bound of a billion entries costs nothing
    // until they come.
    const most = Math.min(capacity, this.#expected)
    this.#ghosts.widen(Math.ceil(most * GHOST_SPAN))
    this.#mainGhosts.widen(Math.ceil(most * SOON) + 1)
  }

  touch(slot: number): void {
    const uses = this.#uses[slot] ?? 0
    if (uses < MOST_USES) this.#uses[slot] = uses + 1
  }

  admit(slot: number, hash: number): void {
    this.#hashes[slot] = hash
    this.#uses[slot] = Math.min(MOST_USES, this.#recall(hash) + 1)
    this.#inMain[slot] = 0
    this.#small.push(slot)
    const held = this.#small.size + this.#main.size
    // While nothing has to leave, what overflows the small queue moves on unquestioned. One step
    // for one new entry keeps pace with any growth.
    if (this.#small.size > this.#smallTarget(held)) this.#promote(this.#small.oldest)
  }

  remove(slot: number): void {
    this.#queueOf(slot).remove(slot)
  }

  evict(): number {
    const held = this.#small.size + this.#main.size
    if (held === 0) return -1
    const candidate = this.#small.oldest
    if (this.#main.size === 0) return this.#turnAway(candidate)
    // One more is about to come into the small queue, so it may be at its target now.
    if (candidate === -1 || this.#small.size < this.#smallTarget(held)) return this.#evictFromMain()

    const uses = this.#uses[candidate] ?? 0
    if (uses <= 1) return this.#turnAway(candidate)

    this.#leniencyDue += this.#leniency
    if (this.#leniencyDue >= 1) {
      this.#leniencyDue -= 1
      const victim = this.#evictFromMain()
      this.#uses[candidate] = 1
      this.#promote(candidate)
      return victim
    }
    return this.#duel(candidate, uses)
  }

  clear(): void {
    this.#small.clear()
    this.#main.clear()
    this.#ghosts.clear()
    this.#mainGhosts.clear()
    this.#smallShare = SMALL_SHARE
    this.#leniency = 0
    this.#leniencyDue = 0
  }

  /** The strict way: the candidate must have been used more often than the main queue's oldest. */
  #duel(candidate: number, uses: number): number {
    const rival = this.#main.oldest
    const rivalUses = this.#uses[rival] ?? 0
    if (rivalUses < uses) {
      this.#leaveMain(rival)
      this.#promote(candidate)
      return rival
    }
    this.#main.remove(rival)
    this.#main.push(rival)
    this.#wins += 1
    if (this.#wins % WINS_A_FADE === 0 && rivalUses > 0) this.#uses[rival] = rivalUses - 1
    return this.#turnAway(candidate)
  }

  /** A clock's hand: whoever was used goes round again with one use less. */
  #evictFromMain(): number {
    for (let rounds = 0; rounds < MOST_ROUNDS; rounds += 1) {
      const slot = this.#main.oldest
      const uses = this.#uses[slot] ?? 0
      if (uses <= 1) break
      this.#uses[slot] = uses - 1
      this.#main.remove(slot)
      this.#main.push(slot)
    }
    const victim = this.#main.oldest
    this.#leaveMain(victim)
    return victim
  }

  #leaveMain(slot: number): void {
    const hash = this.#hashes[slot] ?? 0
    this.#main.remove(slot)
    this.#ghosts.remember(hash, (this.#uses[slot] ?? 0) | FROM_MAIN)
    this.#mainGhosts.remember(hash, 0)
  }

  #turnAway(slot: number): number {
    this.#small.remove(slot)
    this.#ghosts.remember(this.#hashes[slot] ?? 0, this.#uses[slot] ?? 0)
    return slot
  }

  #promote(slot: number): void {
    this.#small.remove(slot)
    this.#inMain[slot] = 1
    this.#main.push(slot)
  }

  /** Uses that the key had when it was here before, and what its return teaches. */
  #recall(hash: number): number {
    const ghost = this.#ghosts.recall(hash)
    if (ghost === -1) return 0
    const note = ghost & 0xf
    const held = this.#small.size + this.#main.size
    const soon = held * SOON
    if ((note & FROM_MAIN) === 0) {
      if (ghost >>> 4 < soon) this.#learn(1, held)
    } else {
      const main = this.#mainGhosts.recall(hash)
      if (main !== -1 && main >>> 4 < soon) this.#learn(-1, held)
    }
    return note & MOST_USES
  }

  #learn(direction: 1 | -1, held: number): void {
    const step = 1 / Math.max(1, held)
    const leniency = this.#leniency + direction * LENIENCY_STEP * step
    this.#leniency = Math.min(1, Math.max(0, leniency))
    const share = this.#smallShare + direction * RESIZE_STEP * step
    this.#smallShare = Math.min(SMALL_SHARE_MOST, Math.max(SMALL_SHARE_LEAST, share))
  }

  #smallTarget(held: number): number {
    return Math.max(1, Math.floor(held * this.#smallShare))
  }

  #queueOf(slot: number): SlotQueue {
    return this.#inMain[slot] === 1 ? this.#main : this.#small
  }
}

/** Beside the uses in a ghost's note. */
const FROM_MAIN = 8

function grown<T extends Int32Array | Uint8Array | Uint32Array>(old: T, fresh: T): T {
  fresh.set(old)
  return fresh
}
