/** Keys as they stand in the store, judged by the marks of removals that concern them. */

import type { SharedKey } from '../contracts/shared-tier.ts'
import type { ChangeNumbers } from './change-numbers.ts'
import {
  hearMarks,
  judgeByMarks,
  type MarksSeen,
  marksOfKeys,
  marksOfTags,
  type Verdict,
} from './removal-marks.ts'
import type { StoreAccess } from './store-access.ts'
import {
  readRecord,
  recordText,
  type StoredEntry,
  type StoredRecord,
  type StoredWriting,
} from './stored-record.ts'

export interface FoundKey {
  /** What may be served: fresh, or in grace. */
  readonly entry: StoredEntry | undefined
  /** A removal of one of its tags has ended its freshness. */
  readonly expired: boolean
  /** The key is being written to its source. */
  readonly writing: StoredWriting | undefined
  /** It was, and nobody has ended it: its writer has died, or is very late. */
  readonly overdue: StoredWriting | undefined
  /** As it was read; `undefined`, or `null`, where nothing is. */
  readonly raw: unknown
}

export interface StoredKeysParts {
  readonly access: StoreAccess
  readonly numbers: ChangeNumbers
  readonly now: () => number
}

/** A removed key remembers it for longer than any load may take that could fill it. */
export const TRACE_MS = 60_000

const NOTHING: FoundKey = {
  entry: undefined,
  expired: false,
  writing: undefined,
  overdue: undefined,
  raw: undefined,
}
const nameOf = ({ id }: SharedKey): string => `e:${id}`

export class StoredKeys {
  readonly #parts: StoredKeysParts

  constructor(parts: StoredKeysParts) {
    this.#parts = parts
  }

  /** @throws TierError */
  async lookAt(key: SharedKey): Promise<FoundKey> {
    const [found = NOTHING] = await this.look([key])
    return found
  }

  /**
   * The key, and whether an entry that began at `stamp` and has these tags could stand in its place.
   *
   * @throws TierError
   */
  async lookFor(
    key: SharedKey,
    { stamp, tags }: Pick<StoredEntry, 'stamp' | 'tags'>,
  ): Promise<FoundKey & { readonly verdict: Verdict }> {
    const { access, numbers } = this.#parts
    const found = await this.lookAt(key)
    const names = [...marksOfKeys([key]), ...marksOfTags(tags)]
    const answers = await access.read(names)
    const marks: MarksSeen = new Map(names.map((name, at) => [name, answers[at]] as const))
    hearMarks(marks, numbers)
    return { ...found, verdict: judgeByMarks(marks, key, { stamp, tags }) }
  }

  /** Two round trips at most, however many keys: the second for the marks of tags. @throws TierError */
  async look(keys: readonly SharedKey[]): Promise<readonly FoundKey[]> {
    const { access, numbers } = this.#parts
    const names = marksOfKeys(keys)
    const answers = await access.read([...keys.map(nameOf), ...names])
    const records = keys.map((_, at) => this.#record(answers[at]))
    const tags = records.flatMap((record) => (record?.kind === 'entry' ? record.tags : []))
    const tagNames = marksOfTags(tags)
    const ofTags = await access.read(tagNames)
    const marks: MarksSeen = new Map([
      ...names.map((name, at) => [name, answers[keys.length + at]] as const),
      ...tagNames.map((name, at) => [name, ofTags[at]] as const),
    ])
    const found = keys.map((key, at) => {
      return { ...this.#judge(key, records[at], marks), raw: answers[at] ?? undefined }
    })
    hearMarks(marks, numbers)
    return found
  }

  /** An entry, for as long as it may be served. @throws TierError */
  async store(key: SharedKey, entry: StoredEntry): Promise<void> {
    await this.write(key, entry, entry.graceUntil - this.#parts.now())
  }

  /** Ends its freshness; what was in grace already has no more of it than before. @throws TierError */
  async expire(key: SharedKey, entry: StoredEntry): Promise<void> {
    const now = this.#parts.now()
    if (entry.freshUntil <= now) return
    const stamp = this.#parts.numbers.next()
    const ended = endedAt(entry, now)
    if (ended.graceUntil <= now) await this.write(key, { kind: 'gone', stamp }, TRACE_MS)
    else await this.store(key, { ...ended, stamp })
  }

  /** @throws TierError */
  async write(key: SharedKey, record: StoredRecord, ttlMs: number): Promise<void> {
    await this.#parts.access.write(nameOf(key), recordText(record), ttlMs)
  }

  #record(text: unknown): StoredRecord | undefined {
    const record = readRecord(text)
    return record !== undefined && this.#parts.numbers.heard(record.stamp) ? record : undefined
  }

  #judge(key: SharedKey, record: StoredRecord | undefined, marks: MarksSeen): FoundKey {
    if (record === undefined) return NOTHING
    const now = this.#parts.now()
    if (record.kind === 'writing') {
      // A writer that died is replaced by its deadline; loads that began before it stay refused.
      const stands = now < record.until
      return { ...NOTHING, [stands ? 'writing' : 'overdue']: record }
    }
    if (record.kind === 'gone' || now >= record.graceUntil) return NOTHING
    const verdict = judgeByMarks(marks, key, record)
    if (verdict === 'gone') return NOTHING
    if (verdict === 'stands') return { ...NOTHING, entry: record }
    // Numbers may run ahead of the clock.
    const entry = endedAt(record, Math.min(now, this.#parts.numbers.timeOf(verdict.expired)))
    return { ...NOTHING, entry: now < entry.graceUntil ? entry : undefined, expired: true }
  }
}

/** Its grace begins when its freshness has ended, and only once. */
function endedAt(entry: StoredEntry, time: number): StoredEntry {
  const freshUntil = Math.min(entry.freshUntil, time)
  return { ...entry, freshUntil, graceUntil: freshUntil + (entry.graceUntil - entry.freshUntil) }
}
