/**
 * The engine behind `sqliteTier`: the shard's steps over the file, a tick at a time. Hosted by
 * `sqlite-worker.ts` and by `InlineTransport`.
 */

import type { Report } from '../contracts/events.ts'
import { answerCall, isDurable, isRead } from './answer-call.ts'
import { type CallOutcome, type Fault, interrupted } from './call-outcome.ts'
import { describeFault } from './describe-fault.ts'
import { HeldFile, REOPEN_MS } from './held-file.ts'
import type { OldLog } from './old-log.ts'
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

/** Of what was written into a file that nobody will open again. */
const LOST: CallOutcome = {
  ok: false,
  fault: {
    ...interrupted('The file was deleted or replaced, and what was written last with it.'),
    refused: true,
  },
}

/** The disk has not done what it was asked for; the lowest byte of the result code. */
const SQLITE_IOERR = 10

/** Standings are kept for 10 s, so that one beat may be lost. */
const BEAT_EVERY_MS = 2_000

export function openTierEngine(options: TierEngineOptions): SqliteEngine {
  return new TierEngine(options)
}

class TierEngine implements SqliteEngine {
  readonly #options: TierFileOptions
  readonly #events: TierEvents
  readonly #upkeep: TierUpkeep
  readonly #held: HeldFile<TierFile>
  /** Of the file before, as long as it may stand beside the next one. */
  #oldLog: OldLog | undefined
  /** When a beat was written last, on the host's clock. */
  #beatAt = Number.NEGATIVE_INFINITY
  /** What was written through an earlier connection may be in its log and not on the disk. */
  #diskFailed = false
  /** Of the file when it was looked at last; none yet of a file that was just opened. */
  #version: unknown

  constructor(options: TierEngineOptions) {
    const events = new TierEvents(options.report)
    this.#options = options
    this.#upkeep = new TierUpkeep(options.idleMs)
    this.#events = events
    this.#held = new HeldFile({
      open: (limitMs) => {
        this.#version = undefined
        this.#oldLog?.remove()
        this.#oldLog = undefined
        const file = new TierFile(options, events, limitMs)
        if (this.#diskFailed) this.#settleLog(file)
        return file
      },
      monotonic: options.monotonic,
    })
  }

  get fault(): Fault | undefined {
    return this.#held.fault
  }

  run(asked: readonly TierCall[]): readonly CallOutcome[] {
    // Who follows must not go on reading a file that the others have left.
    if (asked.some(({ step }) => step === 'follow')) this.#leaveIfMoved()
    const file = this.#held.open()
    try {
      if (file !== undefined) return this.#carryOut(file, asked)
    } catch (error) {
      // A damaged file fails outside of its steps too; what opens it next says whether it still is.
      this.#held.leave(describeFault(error))
    }
    const fault = this.fault ?? interrupted('The file is not open.')
    return asked.map(() => ({ ok: false, fault }))
  }

  #carryOut(file: TierFile, asked: readonly TierCall[]): readonly CallOutcome[] {
    const calls = asked.map((call) => this.#withoutNeedlessBeat(call))
    const outcomes = new Map<TierCall, CallOutcome>()
    // The calls of a tick are concurrent, so reads may go first: they need no lock, and are answered
    // while another process writes.
    const reads = calls.filter(isRead)
    const writes = calls.filter((call) => !isRead(call))
    const steps = (some: readonly TierCall[]) => some.map((call) => () => answerCall(file, call))
    note(outcomes, reads, this.#read(file, steps(reads)))
    let lost = false
    for (let from = 0; from < writes.length; from += MAX_STEPS) {
      const some = writes.slice(from, from + MAX_STEPS)
      const isReliedOn = some.some(isDurable)
      file.transactions.makeDurable(isReliedOn)
      const answers = this.#write(file, steps(some))
      // Looked at after the commit: what was there before may have gone while it was written.
      lost ||= isReliedOn && file.moved
      note(outcomes, some, lost ? some.map(() => LOST) : answers)
    }
    this.#followAnyway(file, outcomes)
    if (lost) this.#leaveMoved(file)
    else this.#leaveIfFailed(outcomes.values())
    const unanswered = interrupted('The call was left unanswered.')
    return calls.map((call) => outcomes.get(call) ?? { ok: false, fault: unanswered })
  }

  work(): number | undefined {
    if (this.#held.closed) return undefined
    this.#leaveIfMoved()
    const file = this.#held.open()
    if (file === undefined) return REOPEN_MS
    try {
      return this.#upkeep.work(file, this.#options.now(), (step) => {
        const [outcome] = this.#write(file, [step])
        return outcome?.ok === true
      })
    } catch (error) {
      this.#held.leave(describeFault(error))
      return REOPEN_MS
    }
  }

  changed(): boolean {
    const known = this.#version
    try {
      this.#version = this.#held.file?.version
    } catch {
      // Whoever reads next is told what is wrong with the file.
      this.#version = undefined
    }
    return this.#version !== undefined && this.#version !== known
  }

  close(): void {
    const { file } = this.#held
    if (file?.rows.entries.owes === true) {
      this.#write(file, [() => file.rows.entries.writeDown(Number.POSITIVE_INFINITY)])
    }
    this.#held.close()
    this.#oldLog?.close()
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

  /** A beat is written now and then only: each write makes the other processes follow. */
  #withoutNeedlessBeat(call: TierCall): TierCall {
    if (call.step !== 'follow' || !call.request.beat) return call
    const tick = this.#options.monotonic()
    if (tick - this.#beatAt < BEAT_EVERY_MS) {
      return { ...call, request: { ...call.request, beat: false } }
    }
    this.#beatAt = tick
    return call
  }

  /** A follow whose beat could not be written, since another process holds the lock, needs none. */
  #followAnyway(file: TierFile, outcomes: Map<TierCall, CallOutcome>): void {
    for (const [call, outcome] of outcomes) {
      if (outcome.ok || call.step !== 'follow' || !call.request.beat) continue
      this.#beatAt = Number.NEGATIVE_INFINITY
      const follow = { ...call, request: { ...call.request, beat: false } }
      note(outcomes, [call], this.#read(file, [() => answerCall(file, follow)]))
    }
  }

  /**
   * A disk that could not write may have dropped what it was given before, and say nothing the next time
   * (fsyncgate): nothing more is kept through this connection, nor by this log.
   */
  #leaveIfFailed(outcomes: Iterable<CallOutcome>): void {
    for (const outcome of outcomes) {
      if (outcome.ok || (outcome.fault.resultCode & 0xff) !== SQLITE_IOERR) continue
      this.#diskFailed = true
      this.#held.leave(outcome.fault)
      return
    }
  }

  /** What the log holds goes into the file, by another connection, before anybody relies on it again. */
  #settleLog(file: TierFile): void {
    try {
      file.emptyLog()
    } catch (error) {
      file.close()
      throw error
    }
    this.#diskFailed = false
  }

  /** Where the file was replaced or deleted, its readers and writers would notice nothing. */
  #leaveIfMoved(): void {
    if (this.#held.file?.moved === true) this.#leaveMoved(this.#held.file)
  }

  #leaveMoved(file: TierFile): void {
    try {
      this.#oldLog = file.oldLog
    } catch {
      // Who cannot look at the log cannot open the file either.
    }
    this.#held.leave()
  }
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
