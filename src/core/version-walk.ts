/**
 * One walk over the entries of a collection in the shared tier, which removes those of older versions.
 *
 * An entry is removed under its lease, and only if what stands there then is still old: a load of a newer
 * release that comes between keeps the lease from being granted, and a write takes it away. A removal is
 * therefore no change: nobody is told, and copies in processes of the older release stay until they end.
 */

import { TierError } from '../contracts/errors.ts'
import type { OldVersionsEvent } from '../contracts/events.ts'
import type { OldVersionsReport } from '../contracts/old-versions.ts'
import type { ClaimAnswer, ScanPage, SharedEntry, SharedKey } from '../contracts/shared-tier.ts'
import { decodeKey } from '../keys/key-encoding.ts'
import type { Engine, SharedParts } from './engine.ts'
import type { Space } from './space.ts'
import { keepWalk, readWalk, type WalkRecord } from './walk-record.ts'

/** Entries in one look, whose values all travel here. */
const PAGE = 100
/** Between two events, and between two records of how far it has come. */
const TOLD_MS = 1_000

const NOTHING = new Uint8Array(0)

export interface VersionWalkParts {
  readonly space: Space
  readonly shared: SharedParts
  readonly below: number
  /** Entries in a second, at most. */
  readonly perSecond: number
  /** Nobody waits: what was walked to its end lately is not walked again. */
  readonly unasked: boolean
  /** Any of them stops the walk. */
  readonly signals: readonly AbortSignal[]
}

export class VersionWalk {
  readonly #engine: Engine
  readonly #parts: VersionWalkParts
  readonly #startedAt: number
  #record: WalkRecord
  /** The cursor is of another walk. */
  #resumed = false
  #toldAt: number

  constructor(engine: Engine, parts: VersionWalkParts) {
    this.#engine = engine
    this.#parts = parts
    this.#startedAt = engine.clock.monotonic()
    this.#toldAt = this.#startedAt
    const { below } = parts
    this.#record = { below, cursor: undefined, done: false, scanned: 0, removed: 0, newer: 0 }
  }

  /** @throws TierError where the tier does not answer; what was done by then is kept. */
  async run(): Promise<OldVersionsReport> {
    const { space, shared, below, unasked } = this.#parts
    const before = await readWalk(shared, space.name, below)
    if (before?.done === true && unasked) return this.#report('done', before)
    if (before?.done === false) {
      this.#record = before
      this.#resumed = before.cursor !== undefined
    }
    this.#tell('begun')
    try {
      const state = await this.#walk()
      await this.#keep()
      this.#tell(state)
      return this.#report(state, this.#record)
    } catch (error) {
      this.#tell('stopped')
      throw error
    }
  }

  async #walk(): Promise<'done' | 'stopped'> {
    const { clock } = this.#engine
    const { perSecond } = this.#parts
    for (;;) {
      if (this.#isStopped) return 'stopped'
      const beganAt = clock.monotonic()
      const page = await this.#page()
      await this.#look(page.keys)
      const { cursor } = page
      this.#record = { ...this.#record, cursor, done: cursor === undefined }
      if (cursor === undefined) return 'done'
      await this.#progress()
      // A page may be empty where others' keys lie between: it has cost the tier as much.
      const dueAt = beganAt + (Math.max(page.keys.length, PAGE) / perSecond) * 1_000
      await this.#pause(Math.max(0, dueAt - clock.monotonic()))
    }
  }

  async #page(): Promise<ScanPage> {
    const { space, shared } = this.#parts
    const { cursor } = this.#record
    const resumed = this.#resumed
    this.#resumed = false
    try {
      return await shared.access.scan(space.name, cursor, PAGE)
    } catch (error) {
      // The servers that it leads through may be others by now: the walk begins again.
      if (!resumed) throw error
      return await shared.access.scan(space.name, undefined, PAGE)
    }
  }

  async #look(ids: readonly string[]): Promise<void> {
    const { space, shared, below } = this.#parts
    const keys = ids.flatMap((id) => this.#keyOf(id) ?? [])
    const readings = keys.length === 0 ? [] : await shared.access.readAll(keys)
    if (readings === undefined) {
      throw new TierError(
        'shared',
        'The shared tier did not answer while old versions were sought.',
      )
    }
    const old: SharedKey[] = []
    let { scanned, removed, newer } = this.#record
    scanned += ids.length
    for (const [at, key] of keys.entries()) {
      const reading = readings[at]
      const entry = reading instanceof TierError ? undefined : reading?.entry
      const version = entry && this.#versionOf(key, entry)
      if (version === undefined) continue
      if (version > space.schemaVersion) newer += 1
      if (version < below) old.push(key)
    }
    const gone = await Promise.all(old.map((key) => this.#remove(key)))
    removed += gone.filter(Boolean).length
    this.#record = { ...this.#record, scanned, removed, newer }
  }

  /** Where `shardBy` is declared, the shard is that of the key, and cannot be told by its text. */
  #keyOf(id: string): SharedKey | undefined {
    const { space } = this.#parts
    const key = decodeKey(space.name, id)
    return key === undefined ? undefined : space.sharedKey(key)
  }

  /** `undefined`: nobody can tell, or it is a write that waits for the source. */
  #versionOf({ id }: SharedKey, entry: SharedEntry): number | undefined {
    return entry.pending === true
      ? undefined
      : this.#parts.space.envelope.schemaVersionOf(id, entry.envelope)
  }

  async #remove(key: SharedKey): Promise<boolean> {
    const { access } = this.#parts.shared
    const token = this.#engine.random.id()
    const claim = await access.claim({ ...key, token, leftMs: Number.POSITIVE_INFINITY })
    if (claim?.kind !== 'granted') {
      // Not answered, it may have been granted all the same.
      if (claim === undefined) await access.release({ ...key, token })
      return false
    }
    const { grant, epoch } = claim
    if (!this.#isOld(key, claim)) {
      await access.release({ ...key, token, grant })
      return false
    }
    const life = { ttlMs: 0, graceMs: 0, tags: [] }
    const answer = await access.fill({ ...key, ...life, envelope: NOTHING, token, grant, epoch })
    return answer?.kind === 'stored'
  }

  /** Something newer may have come since it was read. */
  #isOld(key: SharedKey, { entry }: Extract<ClaimAnswer, { readonly kind: 'granted' }>): boolean {
    const version = entry && this.#versionOf(key, entry)
    return version !== undefined && version < this.#parts.below
  }

  get #isStopped(): boolean {
    return this.#engine.closing.aborted || this.#parts.signals.some(({ aborted }) => aborted)
  }

  /** About once a second. */
  async #progress(): Promise<void> {
    const now = this.#engine.clock.monotonic()
    if (now - this.#toldAt < TOLD_MS) return
    this.#toldAt = now
    this.#tell('running')
    await this.#keep()
  }

  #keep(): Promise<void> {
    const { space, shared } = this.#parts
    return keepWalk(this.#engine, shared, space.name, this.#record)
  }

  #pause(delayMs: number): Promise<void> {
    const { clock, onClose } = this.#engine
    const { unasked, signals } = this.#parts
    return new Promise((resolve) => {
      const end = (): void => {
        cancel()
        forget()
        for (const signal of signals) signal.removeEventListener('abort', end)
        resolve()
      }
      const cancel = clock.schedule(delayMs, end, unasked ? 'upkeep' : 'awaited')
      const forget = onClose(end)
      for (const signal of signals) signal.addEventListener('abort', end, { once: true })
    })
  }

  #tell(state: OldVersionsEvent['state']): void {
    const { below, scanned, removed, newer } = this.#record
    const { durationMs } = this.#report('done', this.#record)
    const { pattern } = this.#parts.space
    const counts = { scanned, removed, newer }
    this.#engine.report({ type: 'old-versions', pattern, state, below, ...counts, durationMs })
  }

  #report(
    state: OldVersionsReport['state'],
    { scanned, removed, newer }: WalkRecord,
  ): OldVersionsReport {
    const durationMs = this.#engine.clock.monotonic() - this.#startedAt
    return { state, scanned, removed, newer, durationMs }
  }
}
