/**
 * Removing entries of older versions from the shared tier (V2): asked for by a call, or some time after the
 * start where a collection says so.
 *
 * One instance at a time walks a collection, under a lock; the walk itself is `version-walk.ts`.
 */

import type { OldVersionsReport, RemoveOldVersionsOptions } from '../contracts/old-versions.ts'
import { CALLS, checkCall } from './check-call.ts'
import { checkOpen, type Engine, type SharedParts } from './engine.ts'
import { checkNumber, refuseArgument } from './field-check.ts'
import type { Locks } from './locks.ts'
import { checkPace, type RemovalPlan } from './resolve-old-versions.ts'
import type { Space } from './space.ts'
import { VersionWalk } from './version-walk.ts'

/** Another instance may take over so long after one that died. */
const LOCK_TTL_MS = 30_000

/** Between two tries, at least. */
const AGAIN_MS = 10_000

const NOTHING = { scanned: 0, removed: 0, newer: 0, durationMs: 0 } as const

interface Request {
  readonly below: number
  readonly perSecond: number
  readonly signal: AbortSignal | undefined
  /** Nobody waits: what was walked to its end lately is not walked again. */
  readonly unasked: boolean
}

export class OldVersionsRemoval {
  readonly #engine: Engine
  readonly #locks: Locks

  constructor(engine: Engine, locks: Locks) {
    this.#engine = engine
    this.#locks = locks
  }

  /** @throws ArgumentError; TierError; ClosedError; the signal's reason, if it has aborted before. */
  async run(space: Space, options: RemoveOldVersionsOptions = {}): Promise<OldVersionsReport> {
    checkOpen(this.#engine)
    checkCall(options, CALLS.oldVersions)
    const below = checkNumber(options.below ?? space.schemaVersion, {
      field: 'below',
      refuse: refuseArgument,
      least: 0,
      // What is newer than this release belongs to another.
      most: space.schemaVersion,
      whole: true,
    })
    const perSecond = checkPace(options.perSecond, 'perSecond', refuseArgument)
    const { signal } = options
    signal?.throwIfAborted()
    return await this.#locked(space, { below, perSecond, signal, unasked: false })
  }

  /** Until it has come to its end, here or elsewhere, or the cache is closed. */
  start(space: Space, { afterMs, perSecond }: RemovalPlan): void {
    const { clock, background, shared } = this.#engine
    // Nothing is older than the first version.
    if (shared === undefined || space.schemaVersion === 0) return
    const request = { below: space.schemaVersion, perSecond, signal: undefined, unasked: true }
    const attempt = async (): Promise<void> => {
      const report = await this.#locked(space, request).catch(() => undefined)
      if (report?.state !== 'done') arm(Math.max(AGAIN_MS, afterMs))
    }
    let cancel = (): void => {}
    const arm = (delayMs: number): void => {
      if (this.#engine.closing.aborted) return
      cancel = clock.schedule(delayMs, () => background.run('old-versions', attempt()), 'upkeep')
    }
    arm(afterMs)
    this.#engine.onClose(() => cancel())
  }

  async #locked(space: Space, request: Request): Promise<OldVersionsReport> {
    const { shared, background } = this.#engine
    if (shared === undefined) return { state: 'done', ...NOTHING }
    const lock = await this.#locks.tryLock(`tiercel:old-versions:${space.name}`, {
      ttl: LOCK_TTL_MS,
    })
    if (lock === undefined) return { state: 'elsewhere', ...NOTHING }
    try {
      return await background.watch(this.#walk(space, shared, request, lock.signal))
    } finally {
      await lock[Symbol.asyncDispose]()
    }
  }

  async #walk(
    space: Space,
    shared: SharedParts,
    { signal, ...request }: Request,
    held: AbortSignal,
  ): Promise<OldVersionsReport> {
    const signals = signal === undefined ? [held] : [held, signal]
    return await new VersionWalk(this.#engine, { space, shared, signals, ...request }).run()
  }
}
