/**
 * The engine behind `sqliteTier`: the shard's steps over the file, a tick at a time. Hosted by
 * `sqlite-worker.ts` and by `InlineTransport`.
 */

import type { Report } from '../contracts/events.ts'
import type { SharedReading } from '../contracts/shared-tier.ts'
import { type CallOutcome, type Fault, interrupted } from './call-outcome.ts'
import { describeFault } from './describe-fault.ts'
import type { SqliteEngine } from './sqlite-engine.ts'
import type { TierCall } from './tier-call.ts'
import { TierEvents } from './tier-events.ts'
import { TierFile, type TierFileOptions } from './tier-file.ts'
import { TierUpkeep } from './tier-upkeep.ts'

export interface TierEngineOptions extends TierFileOptions {
  readonly report: Report
  /** Without work, how often to look for some; also how soon a replaced file is noticed. */
  readonly idleMs: number
}

/** Steps in one transaction at most, so that another process gets its turn at the lock. */
const MAX_STEPS = 1_000

/** @throws if the file cannot be opened, with what a person can do about it. */
export function openTierEngine(options: TierEngineOptions): SqliteEngine {
  const events = new TierEvents(options.report)
  return new TierEngine(options, events, new TierFile(options, events))
}

class TierEngine implements SqliteEngine {
  readonly #options: TierFileOptions
  readonly #events: TierEvents
  readonly #upkeep: TierUpkeep
  #file: TierFile | undefined
  #fault: Fault = interrupted('The file was closed.')
  #closed = false

  constructor(options: TierEngineOptions, events: TierEvents, file: TierFile) {
    this.#options = options
    this.#upkeep = new TierUpkeep(options.idleMs)
    this.#events = events
    this.#file = file
  }

  run(calls: readonly TierCall[]): readonly CallOutcome[] {
    const file = this.#file
    if (file === undefined) return calls.map(() => ({ ok: false, fault: this.#fault }))
    const outcomes = new Map<TierCall, CallOutcome>()
    // The calls of a tick are concurrent, so reads may go first: they need no lock, and are answered
    // while another process writes.
    const reads = calls.filter(isRead)
    const writes = calls.filter((call) => !isRead(call))
    const steps = (some: readonly TierCall[]) => some.map((call) => () => this.#answer(file, call))
    note(outcomes, reads, this.#read(file, steps(reads)))
    for (let from = 0; from < writes.length; from += MAX_STEPS) {
      const some = writes.slice(from, from + MAX_STEPS)
      note(outcomes, some, this.#write(file, steps(some)))
    }
    return calls.map((call) => outcomes.get(call) ?? { ok: false, fault: this.#fault })
  }

  work(): number | undefined {
    if (this.#closed) return undefined
    this.#follow()
    const file = this.#file
    if (file === undefined) return this.#upkeep.idleMs
    return this.#upkeep.work(file, this.#options.now(), (step) => {
      const [outcome] = this.#write(file, [step])
      return outcome?.ok === true
    })
  }

  close(): void {
    this.#closed = true
    const file = this.#file
    this.#file = undefined
    this.#fault = interrupted('The file was closed.')
    if (file === undefined) return
    if (file.rows.entries.owes) {
      this.#write(file, [() => file.rows.entries.writeDown(Number.POSITIVE_INFINITY)])
    }
    file.close()
  }

  #read(file: TierFile, steps: readonly (() => unknown)[]): readonly CallOutcome[] {
    if (steps.length === 0) return []
    // A shard without its control record draws a new one, which is a write.
    const [known] = file.transactions.read([() => file.rows.control()])
    if (known?.ok && known.value === undefined) return this.#write(file, steps)
    const outcomes = file.transactions.read(steps)
    this.#events.tell()
    return outcomes
  }

  #write(file: TierFile, steps: readonly (() => unknown)[]): readonly CallOutcome[] {
    const { counts, rows, transactions } = file
    const guarded = steps.map((step) => () => this.#events.during(() => counts.during(step)))
    const outcomes = transactions.write(guarded, () => {
      counts.save()
      rows.size.fit()
      counts.save()
    })
    // Not one was carried out: then it was the transaction that failed, and its end with it.
    if (outcomes.every(({ ok }) => !ok)) {
      this.#events.forget()
      counts.forget()
    }
    this.#events.tell()
    return outcomes
  }

  /** Where the file was replaced or deleted, its readers and writers would notice nothing. */
  #follow(): void {
    if (this.#file !== undefined && !this.#file.moved) return
    this.#file?.close()
    this.#file = undefined
    try {
      this.#file = new TierFile(this.#options, this.#events)
    } catch (error) {
      this.#fault = describeFault(error)
    }
  }

  #answer({ shard, rows }: TierFile, call: TierCall): unknown {
    switch (call.step) {
      case 'read':
        return shard.read(call.keys).map(slim)
      case 'claim':
        return shard.claim(call.requests, call.leaseMs)
      case 'fill':
        return shard.fill(call.values)
      case 'release':
        return shard.release(call.requests)
      case 'set':
        return shard.set(call.values)
      case 'touch':
        return shard.touch(call.requests)
      case 'invalidate':
        return shard.invalidate(call.what)
      case 'beginIntent':
        return shard.beginIntent(call.requests)
      case 'endIntent':
        return shard.endIntent(call.requests)
      case 'scan':
        return shard.scan(call.collection, call.cursor, call.limit)
      case 'usage':
        return rows.usage()
      default:
        return call satisfies never
    }
  }
}

function isRead(call: TierCall): boolean {
  return call.step === 'read' || call.step === 'scan' || call.step === 'usage'
}

function note(
  outcomes: Map<TierCall, CallOutcome>,
  calls: readonly TierCall[],
  answers: readonly CallOutcome[],
): void {
  for (const [index, call] of calls.entries()) {
    const answer = answers[index]
    if (answer !== undefined) outcomes.set(call, answer)
  }
}

/** Without what only the shard needs: each field costs on the way between threads. */
function slim(reading: SharedReading): SharedReading {
  if (reading.entry === undefined) return reading
  const { epoch, stamp, storedAt, freshUntil, graceUntil, envelope } = reading.entry
  return { ...reading, entry: { epoch, stamp, storedAt, freshUntil, graceUntil, envelope } }
}
