/**
 * Removes entries that nobody has read for long: copies in this process, and what the shared tier has
 * (X4). Never the source's rows.
 *
 * One process at a time has the lock; its token fences every slice, so that one that stood still and was
 * overtaken removes nothing more. Where it has come to is saved with every few slices, and whoever comes
 * next goes on from there.
 */

import type { CleanUpReport } from '../contracts/clean-up.ts'
import { ConfigError } from '../contracts/errors.ts'
import type { IdleSpan } from '../contracts/idle-steps.ts'
import {
  type CleanUpProgress,
  isSamePlan,
  readProgress,
  writeProgress,
} from './clean-up-progress.ts'
import { checkOpen, type Engine, type SharedParts } from './engine.ts'
import { NOTE_WAIT_MS } from './read-notes.ts'
import type { Space } from './space.ts'

/** No name that an application would take: of its own locks and of this one there is one kind. */
const LOCK = { names: ['tiercel:clean-up'] } as const
const LEASE_MS = 10_000
/** Keys that one slice looks at. */
const SLICE = 500
/** Between two slices, and as long as the slice took if that is longer: half of the time is others'. */
const PAUSE_MS = 10
const SLICES_A_SAVE = 5
/** A clean-up that was left in its middle is gone on with for so long. */
const RESUMED_MS = 86_400_000

export interface CleanUpRequest {
  readonly spaces: readonly Space[]
  readonly signal?: AbortSignal | undefined
  /** Nothing is done if another has come to its end within this time. */
  readonly unlessWithinMs?: number
}

/** What a run comes to; `recent`: nothing was to do. */
export type CleanUpOutcome =
  | { readonly kind: 'ran'; readonly report: CleanUpReport }
  | { readonly kind: 'recent' }
  | { readonly kind: 'held'; readonly remainingMs: number; readonly report: CleanUpReport }

/** @throws ConfigError without a collection that says when; TierError; ClosedError; the signal's reason. */
export async function cleanUp(engine: Engine, request: CleanUpRequest): Promise<CleanUpOutcome> {
  checkOpen(engine)
  const spaces = request.spaces.filter(({ idle }) => idle !== undefined)
  if (spaces.length === 0) {
    throw new ConfigError({
      field: 'idle',
      expected: 'given, for something to clean up',
      actual: undefined,
      cure: "Give the cache or the collection `idle: { after: '30d' }`.",
    })
  }
  try {
    return await run(engine, { ...request, spaces })
  } catch (error) {
    const isStopped = engine.closing.aborted || request.signal?.aborted === true
    if (!isStopped) engine.report({ type: 'clean-up-failed', pattern: '*', error })
    throw error
  }
}

async function run(engine: Engine, request: CleanUpRequest): Promise<CleanUpOutcome> {
  const { spaces } = request
  const startedAt = engine.clock.monotonic()
  const before = spaces.reduce((sum, { memory }) => sum + (memory?.entries ?? 0), 0)
  const copies = await dropCopies(engine, request)
  const { shared } = engine
  if (shared === undefined) {
    const about = { removed: copies, before, after: before - copies, copies }
    const report = { outcome: 'done', resumed: false, memory: undefined, ...about } as const
    return told(engine, { ...report, durationMs: engine.clock.monotonic() - startedAt })
  }
  await shared.notes.flush()
  const owner = engine.random.id()
  const lock = await shared.access.locks.acquire({ ...LOCK, owner, ttlMs: LEASE_MS })
  if (lock.kind === 'held') {
    const { remainingMs } = lock
    const durationMs = engine.clock.monotonic() - startedAt
    return { kind: 'held', remainingMs, report: { ...NOTHING, copies, durationMs } }
  }
  try {
    const token = Number(lock.token)
    const work = new CleanUpRun(engine, shared, { ...request, owner, token })
    const done = await work.run()
    if (done === undefined) return { kind: 'recent' }
    const durationMs = engine.clock.monotonic() - startedAt
    return told(engine, { ...done, copies, durationMs })
  } finally {
    // Where it is not heard, the lock ends by itself.
    await shared.access.locks.release({ ...LOCK, owner }).catch(() => {})
  }
}

/** As a user asks for it. @throws as `cleanUp`. */
export async function cleanUpNow(
  engine: Engine,
  spaces: readonly Space[],
  signal: AbortSignal | undefined,
): Promise<CleanUpReport> {
  signal?.throwIfAborted()
  const outcome = await engine.background.watch(cleanUp(engine, { spaces, signal }))
  if (outcome.kind === 'recent') throw new TypeError('Nothing is too recent for one who asks.')
  return outcome.report
}

const NOTHING = {
  outcome: 'elsewhere',
  resumed: false,
  removed: 0,
  before: 0,
  after: 0,
  memory: undefined,
} as const

function told(engine: Engine, report: CleanUpReport): CleanUpOutcome {
  engine.report({ type: 'clean-up', pattern: '*', ...report })
  return { kind: 'ran', report }
}

/** Of this process, whose hits nobody else can know. */
async function dropCopies(engine: Engine, request: CleanUpRequest): Promise<number> {
  const { spaces, signal } = request
  let dropped = 0
  for (const { idle, memory } of spaces) {
    if (idle === undefined || memory === undefined) continue
    const before = engine.clock.monotonic() - idle.afterMs - idle.noteEveryMs
    for (let from = 0; from !== -1; ) {
      const { next, removed } = memory.removeIdle(from, before)
      dropped += removed
      from = next
      if (from !== -1) await pause(engine, request, 0)
      signal?.throwIfAborted()
    }
  }
  return dropped
}

interface RunParts extends CleanUpRequest {
  readonly owner: string
  readonly token: number
}

/** One walk through the shared tier, under a lock that is held. */
class CleanUpRun {
  readonly #engine: Engine
  readonly #shared: SharedParts
  readonly #parts: RunParts
  readonly #spans: readonly IdleSpan[]
  #renewedAt: number

  constructor(engine: Engine, shared: SharedParts, parts: RunParts) {
    this.#engine = engine
    this.#shared = shared
    this.#parts = parts
    this.#spans = parts.spaces.flatMap(({ name, idle }) => {
      if (idle === undefined) return []
      // What the last note may leave out, and what may be on its way from another process.
      return { collection: name, afterMs: idle.afterMs + idle.noteEveryMs + NOTE_WAIT_MS }
    })
    this.#renewedAt = engine.clock.monotonic()
  }

  /** `undefined`: another has come to its end lately. */
  async run(): Promise<Omit<CleanUpReport, 'copies' | 'durationMs'> | undefined> {
    const { idle } = this.#shared.access
    const note = await idle.begin(this.#parts.token)
    const last = readProgress(note?.text)
    if (this.#isRecent(last)) return undefined
    const resumed = this.#isLeft(last)
    const begun: CleanUpProgress = resumed && last !== undefined ? last : await this.#first()
    const ended = await this.#walk(begun)
    const { looked, removed, bytesBefore } = ended ?? begun
    const bytesAfter = await this.#bytes()
    const isKnown = bytesBefore !== undefined && bytesAfter !== undefined
    return {
      outcome: ended === undefined ? 'overtaken' : 'done',
      resumed,
      removed,
      before: looked,
      after: looked - removed,
      memory: isKnown ? { before: bytesBefore, after: bytesAfter } : undefined,
    }
  }

  #isRecent(last: CleanUpProgress | undefined): boolean {
    const { unlessWithinMs } = this.#parts
    if (unlessWithinMs === undefined || last?.endedAt === undefined) return false
    const ageMs = this.#engine.clock.now() - last.endedAt
    // A clock that was set back must not put it off for ever.
    return ageMs >= 0 && ageMs < unlessWithinMs && isSamePlan(last.spans, this.#spans)
  }

  #isLeft(last: CleanUpProgress | undefined): boolean {
    if (last === undefined || last.endedAt !== undefined) return false
    const ageMs = this.#engine.clock.now() - last.startedAt
    return ageMs >= 0 && ageMs < RESUMED_MS && isSamePlan(last.spans, this.#spans)
  }

  async #first(): Promise<CleanUpProgress> {
    return {
      spans: this.#spans,
      startedAt: this.#engine.clock.now(),
      endedAt: undefined,
      cursor: undefined,
      looked: 0,
      removed: 0,
      bytesBefore: await this.#bytes(),
    }
  }

  /** `undefined`: overtaken. */
  async #walk(begun: CleanUpProgress): Promise<CleanUpProgress | undefined> {
    const { clock } = this.#engine
    let progress = begun
    for (let slices = 0; ; slices += 1) {
      const isDue = slices % SLICES_A_SAVE === 0
      if (isDue && !(await this.#keep(progress))) return undefined
      const sentAt = clock.monotonic()
      const next = await this.#slice(progress, slices === 0)
      if (next === undefined) return undefined
      progress = next
      if (progress.cursor === undefined) break
      const pauseMs = Math.max(PAUSE_MS, clock.monotonic() - sentAt)
      await pause(this.#engine, this.#parts, pauseMs)
      checkOpen(this.#engine)
      this.#parts.signal?.throwIfAborted()
    }
    const ended = { ...progress, endedAt: clock.now() }
    return (await this.#keep(ended)) ? ended : undefined
  }

  async #slice(progress: CleanUpProgress, isFirst: boolean): Promise<CleanUpProgress | undefined> {
    const { token } = this.#parts
    const request = { token, cursor: progress.cursor, limit: SLICE, spans: this.#spans }
    const { idle } = this.#shared.access
    const answer = await idle.sweep(request).catch((error: unknown) => {
      // Where another has left off there may be nothing any more, such as a node of a cluster.
      if (!isFirst || progress.cursor === undefined) throw error
      return idle.sweep({ ...request, cursor: undefined })
    })
    if (answer.kind === 'overtaken') return undefined
    const looked = progress.looked + answer.looked
    return {
      ...progress,
      looked,
      removed: progress.removed + answer.removed,
      cursor: answer.cursor,
    }
  }

  /** Saves where it has come to, and stays the one who is at it. `false`: it is not any more. */
  async #keep(progress: CleanUpProgress): Promise<boolean> {
    const { token, owner } = this.#parts
    const { idle, locks } = this.#shared.access
    if (!(await idle.save({ token, text: writeProgress(progress) }))) return false
    const now = this.#engine.clock.monotonic()
    if (now - this.#renewedAt < LEASE_MS / 3) return true
    this.#renewedAt = now
    return await locks.renew({ ...LOCK, owner, ttlMs: LEASE_MS })
  }

  async #bytes(): Promise<number | undefined> {
    const usage = await this.#shared.access.usage().catch(() => undefined)
    return usage?.bytes
  }
}

/** Who has asked for it gets it, also in a program that has nothing else to do. */
function pause(
  { clock }: Engine,
  { unlessWithinMs }: Pick<CleanUpRequest, 'unlessWithinMs'>,
  delayMs: number,
): Promise<void> {
  const purpose = unlessWithinMs === undefined ? 'awaited' : 'upkeep'
  return new Promise((resolve) => void clock.schedule(delayMs, resolve, purpose))
}
