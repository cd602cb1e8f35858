/**
 * The way of a missing key through the shared tier: the entry after all, or the right to load.
 *
 * One process at a time loads a key, held by a lease. The others wait for it, answer from grace
 * meanwhile where they can, and load for themselves, keeping nothing, if it takes too long.
 */

import type { MemoryEntry } from '../contracts/memory-tier.ts'
import type { ClaimAnswer, ShardMoment, SharedEntry, SharedKey } from '../contracts/shared-tier.ts'
import { type Answer, answerFrom } from './answer.ts'
import type { LoadRight } from './commit.ts'
import type { Engine, SharedParts } from './engine.ts'
import type { Flight } from './flight.ts'
import { noteSharedRead } from './note-read.ts'
import { publishFound } from './publish-found.ts'
import type { ReadCounters } from './read-counters.ts'
import type { SharedAccess } from './shared-access.ts'
import { readShared, type SharedFinding, type SharedSighting } from './shared-reader.ts'
import type { Space } from './space.ts'
import { asksShared } from './switch-mode.ts'
import { answerStale } from './wait-for-flight.ts'

export type Sought =
  | { readonly kind: 'answer'; readonly answer: Answer }
  | { readonly kind: 'load'; readonly right: LoadRight }
  /** Of a load ahead: somebody else sees to it, or it would not be kept. */
  | { readonly kind: 'needless' }

/** Loads of others that one read waits for at most, before it loads for itself and keeps nothing. */
const MAX_WAITS = 2

/** An entry that has so much more of its life left than was thought has been renewed by somebody else. */
const RENEWED_SHARE = 0.1

const load = (right: LoadRight): Sought => ({ kind: 'load', right })

export async function seekShared(
  engine: Engine,
  space: Space,
  flight: Flight,
  key: SharedKey,
): Promise<Sought> {
  if (flight.uncached && !space.behind) return load({ kind: 'uncached' })
  if (space.mode === 'off' && !space.behind) return load({ kind: 'uncached' })
  if (engine.shared === undefined) return load({ kind: 'alone' })
  if (!asksShared(space)) {
    return await new SharedSearch(engine, space, {
      flight,
      key,
      shared: engine.shared,
    }).runWithout()
  }
  if (flight.reason === 'ahead' && !flight.awaited) {
    if (!mayLoadAhead(engine.shared, key)) return NEEDLESS
    return await new SharedSearch(engine, space, { flight, key, shared: engine.shared }).runAhead()
  }
  // This read has waited in vain for the tier to be followed, and has no time for it left.
  if (engine.shared.coherence.beginning !== undefined) return load({ kind: 'blind' })
  const search = new SharedSearch(engine, space, { flight, key, shared: engine.shared })
  return flight.uncached || engine.shared.outbox.holdsKey(key)
    ? await search.runPast()
    : await search.run()
}

const NEEDLESS: Sought = { kind: 'needless' }

/** What is loaded while the tier cannot be followed is not kept for longer than what is served already. */
function mayLoadAhead({ coherence, outbox }: SharedParts, key: SharedKey): boolean {
  return coherence.beginning === undefined && !outbox.holdsKey(key) && coherence.readable(key)
}

/** What has to be known of the moment at which the tier was asked. */
type Asked = Pick<SharedSighting, 'askedAt' | 'tagsTold'>

class SharedSearch {
  readonly #engine: Engine
  readonly #space: Space
  readonly #flight: Flight
  readonly #key: SharedKey
  readonly #access: SharedAccess
  readonly #shared: SharedParts
  /** What stands there cannot be read: the lease is asked for although it looks fresh. */
  #replace: boolean
  /** The entry that could not be read: met again with the lease, it is not counted again. */
  #undecodable: SharedEntry | undefined
  /** Loads of others that were waited for. */
  #waits = 0
  /** Of the lease that was waited for last. */
  #waitedFor = 0
  /** What the tier has, if it can be read. */
  #found: MemoryEntry | undefined
  /** Its bytes are of an older version: what says that the value is unchanged does not say so of them. */
  #migrated = false

  constructor(
    engine: Engine,
    space: Space,
    {
      flight,
      key,
      shared,
    }: { readonly flight: Flight; readonly key: SharedKey; readonly shared: SharedParts },
  ) {
    this.#engine = engine
    this.#shared = shared
    this.#space = space
    this.#flight = flight
    this.#key = key
    this.#access = shared.access
    this.#replace = flight.reason === 'refresh'
  }

  async run(): Promise<Sought> {
    const { asked } = this.#flight
    if (asked === 'unanswered') return load({ kind: 'blind' })
    if (typeof asked === 'object') {
      const left = this.#unreadable(asked.unreadable, asked.newer)
      if (left !== undefined) return left
    }
    // Who has not heard of changes for too long leaves the judgement to the steps of the tier.
    const reads =
      asked === undefined && !this.#replace && this.#shared.coherence.readable(this.#key)
    const read = reads ? await this.#read() : undefined
    return read ?? (await this.#claim())
  }

  /** Past all that may be older than the source; what waits for the source is newer. */
  async runPast(): Promise<Sought> {
    if (!this.#space.behind) return load({ kind: 'uncached' })
    // A master that was replaced answers plain reads for long.
    const followed =
      this.#flight.asked !== 'unanswered' && this.#shared.coherence.readable(this.#key)
    if (!followed) return load({ kind: 'blind' })
    const asked = this.#ask()
    const reading = await this.#access.read(this.#key)
    if (reading === undefined) return load({ kind: 'blind' })
    if (reading.entry?.pending !== true) return load({ kind: 'uncached' })
    return (await this.#judge(reading, asked)) ?? load({ kind: 'uncached' })
  }

  /**
   * The collection is switched away from the tier, which is asked for nothing but writes that wait for
   * the source. What is loaded is kept here as long as the shard is followed: changes of others take it
   * away as they would a copy.
   */
  async runWithout(): Promise<Sought> {
    const { coherence, outbox } = this.#shared
    const past = this.#space.behind ? await this.runPast() : load({ kind: 'uncached' })
    if (past.kind !== 'load' || past.right.kind === 'blind') return past
    if (this.#space.mode === 'off' || outbox.holdsKey(this.#key)) return past
    const followed = coherence.beginning === undefined && coherence.readable(this.#key)
    if (this.#flight.uncached) return past
    return load({ kind: followed ? 'beside' : 'blind' })
  }

  /** One question, and no wait: what is there is served. */
  async runAhead(): Promise<Sought> {
    const { fallback, key } = this.#flight
    const { clock, random } = this.#engine
    if (fallback === undefined) return NEEDLESS
    const { freshUntil, ttlMs } = fallback.entry
    const asked = this.#ask()
    const token = random.id()
    const leftMs = freshUntil - asked.askedAt + ttlMs * RENEWED_SHARE
    const claim = await this.#access.claim({ ...this.#key, token, leftMs })
    if (claim === undefined) {
      this.#engine.background.run('release', this.#access.release({ ...this.#key, token }))
      return NEEDLESS
    }
    if (claim.kind === 'writing') return NEEDLESS
    if (claim.kind === 'wait') {
      this.#space.ahead.resting.hold(key, clock.monotonic() + claim.remainingMs)
      return NEEDLESS
    }
    return (await this.#answerClaim(claim, asked, token)) ?? NEEDLESS
  }

  get #counters(): ReadCounters {
    return this.#space.counters.of(this.#flight.key)
  }

  /** The plain read, which travels with all others of the tick. `undefined`: nothing to answer with. */
  async #read(): Promise<Sought | undefined> {
    const asked = this.#ask()
    const reading = await this.#access.read(this.#key)
    if (reading === undefined) {
      this.#counters.sharedErrors += 1
      return load({ kind: 'blind' })
    }
    const sought = await this.#judge(reading, asked)
    const hit = sought?.kind === 'answer'
    if (hit) {
      this.#counters.sharedHits += 1
      const { answer } = sought
      this.#space.shadow?.sharedHit(this.#flight.key, answer.found ? answer.value : undefined)
    } else this.#counters.sharedMisses += 1
    this.#engine.log.read?.(this.#space.pattern, 'shared', hit)
    if (sought !== undefined) return sought
    const rests = this.#space.resting.rests(this.#flight.key, this.#engine.clock.monotonic())
    return rests ? this.#stale('load-failed') : undefined
  }

  /** What a shared entry comes to: an answer, a fallback, or nothing. */
  async #judge(
    { entry, serverNow, epoch }: ShardMoment & { readonly entry?: SharedEntry | undefined },
    asked: Asked,
  ): Promise<Sought | undefined> {
    this.#found = undefined
    if (entry === undefined || isSame(entry, this.#undecodable)) return undefined
    const { reservation, memoryTtlMs } = this.#flight
    const sighting = { ...asked, key: this.#key, entry, serverNow, epoch, reservation, memoryTtlMs }
    const finding: SharedFinding = await readShared(this.#engine, this.#space, sighting)
    if (finding.kind === 'outlived') return await this.#outlived(finding.entry, entry.stamp)
    if (entry.pending === true && finding.kind === 'entry') return this.#pending(finding.entry)
    // A write that waits is no older for what the outbox holds of its key.
    const waits = entry.pending === true && finding.kind === 'undecodable'
    const holds = this.#engine.shared?.outbox.holdsKey(this.#key) === true
    if (finding.kind === 'distrusted' || (holds && !waits)) return load({ kind: 'uncached' })
    if (finding.kind === 'undecodable') return this.#unreadable(entry, finding.newer)
    if (finding.kind !== 'entry') {
      // Removed as far as this process knows, and the tier may not: the lease is asked for all the same.
      this.#replace = true
      return undefined
    }
    const now = this.#engine.clock.monotonic()
    // An entry without an end is past its grace before the tier can know it.
    if (now < finding.entry.graceUntil) this.#found = finding.entry
    this.#migrated = finding.migrated
    // A refresh is answered by the source or not at all, and is no use of what it replaces.
    if (this.#flight.reason === 'refresh') return undefined
    if (now >= finding.entry.freshUntil) {
      if (this.#found !== undefined) this.#flight.offer({ entry: this.#found, tier: 'shared' })
      return undefined
    }
    noteSharedRead(this.#engine, this.#space, sighting)
    publishFound(this.#engine, this.#space, this.#flight.reservation, finding.entry)
    const answer = answerFrom(finding.entry, 'shared', now)
    return { kind: 'answer', answer: answer.found ? { ...answer, entry: finding.entry } : answer }
  }

  /** `undefined`: it is to be replaced. */
  #unreadable(entry: SharedEntry, newer: boolean): Sought | undefined {
    // The source lacks a write that waits, and the tier grants nobody a lease over it.
    if (entry.pending === true) return load({ kind: 'blind' })
    if (newer) {
      const { key, reason } = this.#flight
      const rests =
        reason !== 'refresh' && this.#space.resting.rests(key, this.#engine.clock.monotonic())
      return (rests ? this.#stale('load-failed') : undefined) ?? load({ kind: 'beside' })
    }
    this.#replace = true
    this.#undecodable = entry
    return undefined
  }

  /** Newer than the source, whatever waits to be removed, and whoever wants to load anew. */
  #pending(entry: MemoryEntry): Sought {
    publishFound(this.#engine, this.#space, this.#flight.reservation, entry)
    const answer = answerFrom(entry, 'shared', this.#engine.clock.monotonic())
    return { kind: 'answer', answer }
  }

  /** A write that waits from an epoch before, or the source, whichever is newer; neither is kept. */
  async #outlived(entry: MemoryEntry, stamp: number): Promise<Sought> {
    const { versionOf } = this.#space
    const stored = await versionOf?.(this.#flight.key, this.#flight.signal)
    if (stored !== undefined && stored >= BigInt(stamp)) return load({ kind: 'uncached' })
    const answer = answerFrom(entry, 'shared', this.#engine.clock.monotonic())
    return { kind: 'answer', answer }
  }

  /** Asks for the lease until it is granted, needless, or not worth waiting for. */
  async #claim(): Promise<Sought> {
    const token = this.#engine.random.id()
    // Half of the caller's time: the other half is left for loading after all.
    const patienceMs = this.#flight.hardMs / 2
    const giveUpAt = this.#engine.clock.monotonic() + patienceMs
    for (;;) {
      const asked = this.#ask()
      const replaced = this.#replace ? Number.POSITIVE_INFINITY : 0
      const claim = await this.#access.claim({ ...this.#key, token, leftMs: replaced })
      if (claim === undefined) {
        // It may have been granted all the same, and others would wait for it.
        this.#engine.background.run('release', this.#access.release({ ...this.#key, token }))
        return load({ kind: 'blind' })
      }
      const sought = await this.#answerClaim(claim, asked, token)
      if (sought !== undefined) return sought
      const leftMs = giveUpAt - this.#engine.clock.monotonic()
      if (leftMs <= 0 || this.#engine.closing.aborted || this.#waitsAgain(claim)) {
        return load({ kind: 'uncached' })
      }
      if (claim.kind !== 'wait') continue
      await this.#pause(Math.min(claim.remainingMs, leftMs), leftMs)
      // Asked again now, the answer would cost time that is needed for loading.
      if (this.#engine.clock.monotonic() >= giveUpAt) return load({ kind: 'uncached' })
    }
  }

  /**
   * Each wait is for one load. Where changes take the leases away as fast as they are granted, those
   * who wait would otherwise starve (protocol rule 9).
   */
  #waitsAgain(claim: ClaimAnswer): boolean {
    if (claim.kind !== 'wait') return false
    if (claim.grant !== this.#waitedFor) this.#waits += 1
    this.#waitedFor = claim.grant
    return this.#waits > MAX_WAITS
  }

  /** `undefined`: ask again. */
  async #answerClaim(claim: ClaimAnswer, asked: Asked, token: string): Promise<Sought | undefined> {
    if (claim.kind === 'writing') return load({ kind: 'uncached' })
    const seen = await this.#judge(claim, asked)
    if (claim.kind === 'granted') {
      const { grant, epoch } = claim
      // Another process may have put something in the place of what was to be replaced.
      if (seen?.kind === 'load' || (seen !== undefined && this.#replace)) {
        await this.#access.release({ ...this.#key, token, grant })
        return seen
      }
      const replaces = claim.entry !== undefined
      const previous = this.#found
      const renewable = previous !== undefined && !this.#migrated
      return load({ kind: 'leased', token, grant, epoch, replaces, previous, renewable })
    }
    if (seen === undefined && claim.kind === 'fresh' && claim.entry.pending === true) {
      // It waits and cannot be read: nothing takes its place, so there is no lease to wait for.
      return load({ kind: 'uncached' })
    }
    if (claim.kind === 'fresh' || seen?.kind === 'load') return seen
    return this.#stale('load-elsewhere')
  }

  #stale(reason: 'load-failed' | 'load-elsewhere'): Sought | undefined {
    const { fallback } = this.#flight
    if (fallback === undefined || this.#engine.clock.monotonic() >= fallback.entry.graceUntil) {
      return undefined
    }
    const answer = answerStale(this.#engine, this.#counters.pattern, fallback, reason)
    return { kind: 'answer', answer }
  }

  #ask(): Asked {
    const { clock, shared } = this.#engine
    return { askedAt: clock.monotonic(), tagsTold: shared?.outbox.tagsTold ?? 0 }
  }

  /** Until the lease is told to have ended, or it is time to look. A random part keeps those who wait out of step. */
  #pause(remainingMs: number, leftMs: number): Promise<void> {
    const longestMs = Math.min(this.#access.waitPollMs, Math.max(1, remainingMs))
    const delayMs = Math.min(leftMs, longestMs * (0.5 + this.#engine.random.next()))
    return this.#shared.leases.wait([this.#key.id], delayMs)
  }
}

/** By its bytes: loads that no change has come between have one stamp. */
function isSame({ envelope }: SharedEntry, other: SharedEntry | undefined): boolean {
  const { envelope: bytes } = other ?? {}
  return bytes?.length === envelope.length && envelope.every((byte, at) => byte === bytes[at])
}
