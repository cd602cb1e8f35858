/**
 * A collection without a server, for operations that are to be read by someone else than who wrote them.
 *
 * Filters and pipelines are evaluated by mingo, documents are what the driver's BSON makes of them, and
 * errors are the driver's own, made of replies as a server writes them. It shows what operations mean.
 * It is no MongoDB: one write after the other, no write concern, no sessions. What a server does with
 * them is tested where `MONGODB_URL` is set.
 */

import { createRequire } from 'node:module'
import { Aggregator, Query } from 'mingo'
import { BSON, type BSON as Bson, type MongoBulkWriteError } from 'mongodb'
import type { MongoLike } from '../../src/mongodb/index.ts'

type Document = Bson.Document

interface Operation {
  readonly insertOne?: { readonly document: Document }
  readonly replaceOne?: { readonly filter: Document; readonly replacement: Document }
  readonly updateOne?: {
    readonly filter: Document
    readonly update: Document[]
    readonly upsert: boolean
  }
  readonly deleteOne?: { readonly filter: Document }
}

export class EvaluatedCollection implements MongoLike {
  documents: Document[] = []
  /** Each `bulkWrite`, as it was asked for. */
  readonly bulks: { readonly operations: readonly object[]; readonly options: object }[] = []
  readonly finds: { readonly filter: object; readonly options: object }[] = []
  /** Looked at before each operation of a bulk; throws `Refusal` for one that is refused. */
  refuse: (operation: Operation) => void = () => {}
  /** Fields that no two documents share, beside `_id`; those without it share `null`. */
  readonly unique: string[]

  constructor(unique: string[] = []) {
    this.unique = unique
  }

  find(filter: object, options: object): { toArray(): Promise<object[]> } {
    this.finds.push({ filter, options })
    const { projection } = options as { projection?: Document }
    const sent = stored(filter)
    return {
      toArray: async () => {
        const found = this.documents.filter((one) => new Query(sent).test(one))
        const stages = projection === undefined ? [] : [{ $project: projection }]
        if (Object.keys(projection ?? {}).length === 0) return found.map(read)
        return new Aggregator(stages).run(found).map((one) => read(one as Document))
      },
    }
  }

  async bulkWrite(operations: readonly object[], options: object): Promise<unknown> {
    this.bulks.push({ operations, options })
    const refusals: Document[] = []
    // An unordered bulk has no order: the last comes first.
    for (const [index, operation] of [...operations.entries()].reverse()) {
      try {
        this.refuse(operation as Operation)
        this.#carryOut(operation as Operation)
      } catch (error) {
        if (!(error instanceof Refusal)) throw error
        refusals.push({ index, code: error.code, errmsg: error.message })
      }
    }
    const reply = { ok: 1, n: operations.length - refusals.length, writeErrors: refusals }
    return answered(operations, reply)
  }

  async indexes(): Promise<object[]> {
    return ['_id', ...this.unique].map((field) => ({ key: { [field]: 1 }, unique: true }))
  }

  #carryOut({ insertOne, replaceOne, updateOne, deleteOne }: Operation): void {
    if (insertOne !== undefined) {
      this.#insert(stored(insertOne.document))
      return
    }
    const { filter } = replaceOne ?? updateOne ?? deleteOne ?? { filter: {} }
    const query = new Query(stored(filter))
    const found = this.documents.find((one) => query.test(one))
    if (deleteOne !== undefined) {
      this.documents = this.documents.filter((one) => one !== found)
      return
    }
    if (found === undefined && updateOne?.upsert === false) return
    // A replacement takes nothing but `_id` from the filter; a pipeline starts from all that it equates.
    const equated = Object.entries(stored(filter)).filter(([, value]) => !isCondition(value))
    const base = found ?? Object.fromEntries(equated)
    const made =
      replaceOne !== undefined
        ? { ...('_id' in base ? { _id: base['_id'] } : {}), ...stored(replaceOne.replacement) }
        : (new Aggregator(stored(updateOne?.update ?? [])).run([base])[0] as Document)
    if (found === undefined) {
      this.#insert(made)
      return
    }
    if (made['_id'] !== found['_id']) throw new Refusal(66, 'the immutable field `_id` was altered')
    this.#checkUnique(made, found)
    this.documents = this.documents.map((one) => (one === found ? made : one))
  }

  #insert(document: Document): void {
    const made = '_id' in document ? document : { _id: `id ${this.documents.length}`, ...document }
    this.#checkUnique(made, undefined)
    this.documents.push(made)
  }

  #checkUnique(made: Document, instead: Document | undefined): void {
    for (const field of ['_id', ...this.unique]) {
      const value = made[field] ?? null
      const isTaken = this.documents.some(
        (one) => one !== instead && (one[field] ?? null) === value,
      )
      if (isTaken) throw new Refusal(11_000, `E11000 duplicate key error index: ${field}_1`)
    }
  }
}

/** An error of one write, as the server tells it. */
export class Refusal extends Error {
  readonly code: number

  constructor(code: number, message: string) {
    super(message)
    this.code = code
  }
}

/** What the driver answers or throws for a reply of the server to one command. */
export function answered(operations: readonly object[], reply: Document): unknown {
  const originals = operations.map((_, index) => index)
  const batch = { operations, originalIndexes: originals, originalZeroIndex: 0, batchType: 2 }
  const total = { ok: 1, writeErrors: [], writeConcernErrors: [], insertedIds: [], upserted: [] }
  driver.mergeBatchResults(batch, total, undefined, reply)
  const result = new driver.BulkWriteResult(total, false)
  const errors: readonly { errmsg: string; code: number }[] = total.writeErrors
  const [first] = errors
  if (first !== undefined) {
    const { errmsg: message, code } = first
    throw new driver.MongoBulkWriteError({ message, code, writeErrors: errors }, result)
  }
  const concern = result.getWriteConcernError()
  if (concern !== undefined) throw new driver.MongoBulkWriteError(concern, result)
  return result
}

/** Where a command failed as a whole, the driver puts the error into one of its bulk. */
export function wrapped(error: Error): Error {
  const total = { ok: 1, writeErrors: [], writeConcernErrors: [], insertedIds: [], upserted: [] }
  return new driver.MongoBulkWriteError(error, new driver.BulkWriteResult(total, false))
}

/** What the driver does not export by its door. */
const driver: {
  readonly BulkWriteResult: new (
    total: object,
    isOrdered: boolean,
  ) => {
    getWriteConcernError(): Error | undefined
  }
  readonly MongoBulkWriteError: new (error: object, result: object) => MongoBulkWriteError
  mergeBatchResults(batch: object, total: object, error: undefined, reply: object): void
} = createRequire(import.meta.url)('mongodb/lib/bulk/common.js')

function isCondition(value: unknown): boolean {
  return Object.keys(Object(value)).some((name) => name.startsWith('$'))
}

/** Through the driver's BSON, as it stands on a server. */
function stored<T extends object>(document: T): T {
  const bytes = BSON.serialize({ document }, { ignoreUndefined: true })
  return BSON.deserialize(bytes)['document']
}

/** As the driver reads it without options. */
function read(document: Document): Document {
  return BSON.deserialize(BSON.serialize(document))
}
