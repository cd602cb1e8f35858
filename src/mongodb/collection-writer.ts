/**
 * Writes of a collection: one `bulkWrite` for as many as can travel together, and a look at what stands
 * in the way of those that a unique index refused.
 */

import type { CacheKey, StoredVersion, StoreOutcome, StoreWrite } from '../contracts/source.ts'
import { APPLIED, type Verdict, verdictsOf } from './bulk-verdicts.ts'
import { documentKeyOf, type ToKey, textOfDocumentKey } from './document-key.ts'
import { documentOf } from './document-of.ts'
import type { MongoDocument, MongoLike } from './mongo-like.ts'
import type { MongoWriteConcern } from './write-concern.ts'
import { type MongoOperation, operationOf, type WrittenFields } from './write-operation.ts'

type Write = StoreWrite<CacheKey, unknown>

export interface WriterOptions extends WrittenFields {
  readonly collection: MongoLike
  readonly toKey: ToKey | undefined
  readonly toDocument: ((value: unknown, key: CacheKey) => MongoDocument) | undefined
  readonly writeConcern: MongoWriteConcern
}

interface Row {
  /** Among the writes that were given. */
  readonly at: number
  readonly write: Write
  readonly key: unknown
  readonly operation: MongoOperation
}

/** What stands under a key. */
interface Standing extends Partial<StoredVersion> {
  readonly isRemoved: boolean
}

/**
 * Two who insert one key at once: the server refuses one of them, whose version may be the newer. Its
 * next try finds the document of the other, and needs a third only if that is cleared away meanwhile.
 */
const TRIES = 3

export class CollectionWriter {
  readonly #options: WriterOptions

  constructor(options: WriterOptions) {
    this.#options = options
  }

  async apply(writes: readonly Write[]): Promise<readonly StoreOutcome[]> {
    const outcomes: StoreOutcome[] = []
    const rows: Row[] = []
    for (const [at, write] of writes.entries()) {
      try {
        rows.push(this.#prepare(write, at))
      } catch (error) {
        outcomes[at] = { kind: 'failed', error, retry: 'permanent' }
      }
    }
    for (const bulk of inBulks(rows)) await this.#write(bulk, outcomes)
    return outcomes
  }

  /** Of those keys that have one, removals too. */
  async versions<K extends CacheKey>(keys: readonly K[]): Promise<ReadonlyMap<K, StoredVersion>> {
    const asked = keys.flatMap((key) => {
      const found = documentKeyOf(key, this.#options.toKey)
      return found === undefined ? [] : [{ key, found }]
    })
    const standing = await this.#standing(asked.map(({ found }) => found))
    const versions = new Map<K, StoredVersion>()
    for (const { key, found } of asked) {
      const { version, epoch = '' } = standing.get(textOfDocumentKey(found)) ?? {}
      if (version !== undefined) versions.set(key, { version, epoch })
    }
    return versions
  }

  /** @throws Error for a write that no document can be made of. */
  #prepare(write: Write, at: number): Row {
    const { toKey, toDocument, key: field } = this.#options
    const key = documentKeyOf(write.key, toKey)
    if (key === undefined) throw new TypeError('The key is one that no document can have.')
    const document =
      write.kind === 'remove'
        ? {}
        : { ...documentOf(write.value, write.key, toDocument), [field]: key }
    return { at, write, key, operation: operationOf(this.#options, write, { key, document }) }
  }

  async #write(bulk: readonly Row[], outcomes: StoreOutcome[]): Promise<void> {
    let left = bulk
    for (let tries = 1; left.length > 0; tries += 1) {
      const verdicts = await this.#send(left)
      const duplicates: Row[] = []
      const reasons = new Map<number, string>()
      for (const [index, row] of left.entries()) {
        const verdict = verdicts[index] ?? APPLIED
        if (verdict.kind !== 'duplicate') outcomes[row.at] = verdict
        else {
          duplicates.push(row)
          reasons.set(row.at, verdict.reason)
        }
      }
      left = await this.#settle(duplicates, outcomes)
      if (tries < TRIES) continue
      // Nothing of its key is in the way, so that it is another unique index.
      for (const { at } of left) {
        outcomes[at] = { kind: 'conflict', reason: reasons.get(at) ?? 'A unique index refused it.' }
      }
      return
    }
  }

  /** One verdict for each. A document that spoils the command for all is found by halving. */
  async #send(bulk: readonly Row[]): Promise<readonly Verdict[]> {
    const { collection, writeConcern } = this.#options
    try {
      const operations = bulk.map(({ operation }) => operation)
      // Else the driver makes null of what is undefined.
      await collection.bulkWrite(operations, {
        ordered: false,
        ignoreUndefined: true,
        writeConcern,
      })
      return bulk.map(() => APPLIED)
    } catch (error) {
      const verdicts = verdictsOf(error, bulk.length)
      if (verdicts !== undefined) return verdicts
    }
    const middle = Math.ceil(bulk.length / 2)
    const first = await this.#send(bulk.slice(0, middle))
    return [...first, ...(await this.#send(bulk.slice(middle)))]
  }

  /** By what stands under their keys. @returns those that may be tried again. */
  async #settle(duplicates: readonly Row[], outcomes: StoreOutcome[]): Promise<readonly Row[]> {
    if (duplicates.length === 0) return []
    let standing: ReadonlyMap<string, Standing>
    try {
      standing = await this.#standing(duplicates.map(({ key }) => key))
    } catch (error) {
      for (const { at } of duplicates) outcomes[at] = { kind: 'failed', error, retry: 'transient' }
      return []
    }
    return duplicates.filter(({ at, write, key }) => {
      const outcome = outcomeOf(write, standing.get(textOfDocumentKey(key)))
      if (outcome !== undefined) outcomes[at] = outcome
      return outcome === undefined
    })
  }

  /**
   * As the primary has it: the refusal came from there, and its write concern was reached, so that what
   * was in the way is as safe as a write.
   */
  async #standing(keys: readonly unknown[]): Promise<ReadonlyMap<string, Standing>> {
    const { collection, key: field, versions } = this.#options
    const kept = versions === undefined ? {} : { [versions]: 1 }
    const found = await collection
      .find(
        { [field]: { $in: keys } },
        {
          projection: { [field]: 1, ...kept },
          readPreference: 'primary',
          readConcern: { level: 'local' },
        },
      )
      .toArray()
    return new Map(
      found.map((one) => {
        const document = one as MongoDocument
        const text = textOfDocumentKey(document[field])
        return [text, standingOf(versions === undefined ? undefined : document[versions])]
      }),
    )
  }
}

function standingOf(kept: unknown): Standing {
  const { version, epoch, removed } = (kept ?? {}) as Readonly<Record<string, unknown>>
  const isRemoved = removed === true
  if (version === undefined || version === null) return { isRemoved }
  // Read as `number`, as `bigint` or as an object, depending on the options of the driver.
  return { version: BigInt(String(version)), epoch: String(epoch ?? ''), isRemoved }
}

/** `undefined`: nothing of its key is in the way any more. */
function outcomeOf(
  { kind, version, epoch = '' }: Write,
  stands: Standing | undefined,
): StoreOutcome | undefined {
  if (stands === undefined) return undefined
  const { version: by, epoch: byEpoch = '', isRemoved } = stands
  if (version !== undefined && by !== undefined && by >= version) {
    return by === version && byEpoch === epoch ? APPLIED : { kind: 'superseded', by, byEpoch }
  }
  return kind === 'create' && !isRemoved
    ? { kind: 'conflict', reason: 'The key exists.' }
    : undefined
}

/**
 * Operations of one command and of different keys, in order: the driver sends those of one kind together,
 * and the server carries out an unordered bulk in any order.
 */
function inBulks(rows: readonly Row[]): readonly (readonly Row[])[] {
  const bulks: { readonly command: string; readonly rows: Row[] }[] = []
  /** Behind the last bulk that has the key. */
  const after = new Map<string, number>()
  for (const row of rows) {
    const key = textOfDocumentKey(row.key)
    const command = commandOf(row.operation)
    const from = after.get(key) ?? 0
    let at = bulks.findIndex((bulk, index) => index >= from && bulk.command === command)
    if (at < 0) {
      at = bulks.length
      bulks.push({ command, rows: [] })
    }
    bulks[at]?.rows.push(row)
    after.set(key, at + 1)
  }
  return bulks.map((bulk) => bulk.rows)
}

function commandOf(operation: MongoOperation): 'insert' | 'update' | 'delete' {
  if ('insertOne' in operation) return 'insert'
  return 'deleteOne' in operation ? 'delete' : 'update'
}
