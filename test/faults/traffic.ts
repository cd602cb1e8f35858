/** Reads and writes of one worker, each told to the recorder. */

import { setTimeout as pause } from 'node:timers/promises'
import type { Cache, Collection } from '../../src/index.ts'
import type { SeededRandom } from '../../src/testing/seeded-random.ts'
import { allKeys, keyBy, keysOfPattern, keysOfTag, patternOf, tagOf } from './keyspace.ts'
import type { ReadRecord, Row, WriteRecord } from './messages.ts'
import { monotonicMs } from './monotonic-ms.ts'
import type { ParentLink } from './parent-link.ts'
import type { Recorder } from './recorder.ts'

const READERS = 4
const WRITERS = 2
/** Between two reads of one reader: as long on average. */
const READ_EVERY_MS = 7
const WRITE_EVERY_MS = 400
/** Of the reads, those that ask for several keys at once. */
const MANY_SHARE = 0.03
const MANY = 8

export interface TrafficParts {
  readonly cache: Cache
  readonly things: Collection<string, Row>
  readonly link: ParentLink
  readonly recorder: Recorder
  readonly random: SeededRandom
  readonly instance: string
  readonly policy: 'through' | 'around'
}

type Change = Pick<WriteRecord, 'kind' | 'rows'> & { readonly carryOut: () => Promise<boolean> }

export class Traffic {
  readonly #parts: TrafficParts
  readonly #openReads = new Set<Promise<unknown>>()
  readonly #openWrites = new Set<Promise<unknown>>()
  /** Which loops go on: those of the last order. */
  #readers = 0
  #writers = 0
  #reads = false
  #writes = false
  #versions = 0

  constructor(parts: TrafficParts) {
    this.#parts = parts
  }

  /** Resolves when nothing is under way that is not wanted any more. */
  async set({
    reads,
    writes,
  }: {
    readonly reads: boolean
    readonly writes: boolean
  }): Promise<void> {
    if (reads !== this.#reads) this.#readers += 1
    if (writes !== this.#writes) this.#writers += 1
    for (let reader = 0; reads && !this.#reads && reader < READERS; reader += 1) {
      void this.#readOn(this.#readers)
    }
    for (let writer = 0; writes && !this.#writes && writer < WRITERS; writer += 1) {
      void this.#writeOn(this.#writers)
    }
    this.#reads = reads
    this.#writes = writes
    if (!reads) await Promise.all(this.#openReads)
    if (!writes) await Promise.all(this.#openWrites)
  }

  /** All keys, as any reader gets them or as the shared tier has them. */
  async look(at: 'all' | 'shared'): Promise<(Row | undefined)[]> {
    return await Promise.all(allKeys.map((key) => this.#read(key, { look: true, mode: at })))
  }

  async #readOn(loop: number): Promise<void> {
    const { random } = this.#parts
    while (this.#readers === loop) {
      const many = random.next() < MANY_SHARE
      const key = keyBy(random.next())
      const read = many ? this.#readMany() : this.#read(key, { look: false, mode: 'all' })
      await kept(this.#openReads, read)
      await pause(READ_EVERY_MS * 2 * random.next())
    }
  }

  async #read(
    key: string,
    { look, mode }: { readonly look: boolean; readonly mode: 'all' | 'shared' },
  ): Promise<Row | undefined> {
    const { things, recorder } = this.#parts
    const began = monotonicMs()
    const failed = { tier: 'unknown', stale: false, version: undefined } as const
    let record: Omit<ReadRecord, 'ended'>
    let row: Row | undefined
    try {
      const reading = await things.read(key, { read: mode })
      row = reading.found ? reading.value : undefined
      const stale = reading.found && reading.stale
      const { tier } = reading
      record = { key, began, look, tier, stale, version: versionIn(key, row), error: undefined }
    } catch (error) {
      record = { key, began, look, ...failed, error: String(error) }
    }
    // What the shared tier does not hold is no answer at all.
    if (mode === 'all' || row !== undefined) recorder.read({ ...record, ended: monotonicMs() })
    return row
  }

  async #readMany(): Promise<void> {
    const { things, recorder, random } = this.#parts
    const keys = [...new Set(Array.from({ length: MANY }, () => keyBy(random.next())))]
    const began = monotonicMs()
    const common = { began, look: false, tier: 'unknown', stale: false } as const
    try {
      const found = await things.getMany(keys)
      const ended = monotonicMs()
      for (const key of keys) {
        const version = versionIn(key, found.get(key))
        recorder.read({ ...common, key, version, ended, error: undefined })
      }
    } catch (error) {
      const ended = monotonicMs()
      for (const key of keys) {
        recorder.read({ ...common, key, version: undefined, ended, error: String(error) })
      }
    }
  }

  async #writeOn(loop: number): Promise<void> {
    const { random } = this.#parts
    for (;;) {
      await pause(WRITE_EVERY_MS * 2 * random.next())
      if (this.#writers !== loop) return
      await kept(this.#openWrites, this.#write(this.#nextChange()))
    }
  }

  async #write({ kind, rows, carryOut }: Change): Promise<void> {
    const { recorder } = this.#parts
    const began = monotonicMs()
    const told = { kind, rows, began }
    try {
      const outcome = (await carryOut()) ? 'done' : 'unprotected'
      recorder.wrote({ ...told, outcome, error: undefined, ended: monotonicMs() })
    } catch (error) {
      recorder.wrote({ ...told, outcome: 'failed', error: String(error), ended: monotonicMs() })
    }
  }

  #nextChange(): Change {
    const { random, things, cache, policy } = this.#parts
    const chance = random.next()
    const key = keyBy(random.next())
    if (chance < 0.7) {
      const row = this.#row(key)
      const carryOut = async (): Promise<boolean> => (await things.put(key, row)).protected
      return { kind: policy, rows: [row], carryOut }
    }
    if (chance < 0.9) {
      return this.#outside('key', [key], async () => (await things.delete(key)).state)
    }
    if (chance < 0.95) {
      const tag = tagOf(key)
      return this.#outside(
        'tag',
        this.#some(keysOfTag(tag)),
        async () => (await cache.invalidateTags([tag])).state,
      )
    }
    const pattern = patternOf(key)
    return this.#outside(
      'pattern',
      this.#some(keysOfPattern(pattern)),
      async () => (await things.invalidatePattern(pattern)).state,
    )
  }

  /** Past the cache, which is told afterwards. */
  #outside(
    kind: 'key' | 'tag' | 'pattern',
    keys: readonly string[],
    tell: () => Promise<'done' | 'pending'>,
  ): Change {
    const rows = keys.map((key) => this.#row(key))
    const carryOut = async (): Promise<boolean> => {
      await this.#parts.link.write(rows, 'outside')
      return (await tell()) === 'done'
    }
    return { kind, rows, carryOut }
  }

  #some(keys: readonly string[]): string[] {
    const { random } = this.#parts
    return keys.filter(() => random.next() < 0.5)
  }

  #row(key: string): Row {
    this.#versions += 1
    return { key, version: `${this.#parts.instance}.${this.#versions}` }
  }
}

/** Never rejects: what is under way tells its failures to the recorder. */
async function kept(open: Set<Promise<unknown>>, work: Promise<unknown>): Promise<void> {
  open.add(work)
  await work
  open.delete(work)
}

/** A row of another key is told as no version that was ever written. */
function versionIn(key: string, row: Row | undefined): string | undefined {
  return row === undefined || row.key === key ? row?.version : `${row.version} of ${row.key}`
}
