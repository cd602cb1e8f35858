/**
 * One write as an operation of `bulkWrite`.
 *
 * Value and version stand in one document, since that is what MongoDB changes as a whole without a
 * transaction. An operation of a version matches the document only while it is older. If it is not, the
 * operation tries to insert another one of the same key, which the key's unique index refuses: so a
 * duplicate key is how an older write learns that it is one.
 */

import type { CacheKey, StoreWrite } from '../contracts/source.ts'
import type { MongoDocument } from './mongo-like.ts'

/** Where a write goes. */
export interface WrittenFields {
  readonly key: string
  /** `undefined`: no versions are kept. */
  readonly versions: string | undefined
}

/** One command of the protocol carries operations of one kind; they are told apart by their name. */
export type MongoOperation =
  | { readonly insertOne: { readonly document: MongoDocument } }
  | { readonly replaceOne: Upsert & { readonly replacement: MongoDocument } }
  | { readonly updateOne: Upsert & { readonly update: readonly MongoDocument[] } }
  | { readonly deleteOne: { readonly filter: MongoDocument } }

interface Upsert {
  readonly filter: MongoDocument
  readonly upsert: boolean
}

/** `key` is the key as documents have it; `document` has it too, and is empty for a removal. */
export function operationOf(
  fields: WrittenFields,
  write: StoreWrite<CacheKey, unknown>,
  { key, document }: { readonly key: unknown; readonly document: MongoDocument },
): MongoOperation {
  const of = { [fields.key]: key }
  const { versions } = fields
  if (versions === undefined) return unguarded(write, of, document)
  if (write.kind === 'remove') return tombstone(fields, write, of)
  // Written in place of a tombstone, and of nothing else.
  const free = write.kind === 'create' ? { [`${versions}.removed`]: { $exists: true } } : {}
  const filter = { ...of, ...older(versions, write), ...free }
  const { version, epoch = '' } = write
  if (version === undefined) {
    return { updateOne: { filter, update: keepingVersion(versions, document), upsert: true } }
  }
  const replacement = { ...document, [versions]: { version, epoch } }
  return { replaceOne: { filter, replacement, upsert: true } }
}

function unguarded(
  { kind }: StoreWrite<CacheKey, unknown>,
  of: MongoDocument,
  document: MongoDocument,
): MongoOperation {
  if (kind === 'remove') return { deleteOne: { filter: of } }
  if (kind === 'create') return { insertOne: { document } }
  return { replaceOne: { filter: of, replacement: document, upsert: true } }
}

/** Not `$lt`, which a document without a version would not match: it is older than any. */
function older(versions: string, { version }: StoreWrite<CacheKey, unknown>): MongoDocument {
  return version === undefined ? {} : { [`${versions}.version`]: { $not: { $gte: version } } }
}

/**
 * The key, its version, and since when it is gone: by the server's clock, which a TTL index on it goes
 * by too. A removal without a version keeps the one that stands, and leaves nothing where nothing was.
 */
function tombstone(
  { key, versions }: WrittenFields,
  write: StoreWrite<CacheKey, unknown>,
  of: MongoDocument,
): MongoOperation {
  const { version, epoch = '' } = write
  const stands =
    version === undefined
      ? { version: `$${versions}.version`, epoch: `$${versions}.epoch` }
      : { version, epoch: { $literal: epoch } }
  const left = {
    _id: '$_id',
    [key]: `$${key}`,
    [String(versions)]: { ...stands, removed: true, removedAt: '$$NOW' },
  }
  const filter = { ...of, ...older(String(versions), write) }
  const update = [{ $replaceWith: left }]
  return { updateOne: { filter, update, upsert: version !== undefined } }
}

function keepingVersion(versions: string, document: MongoDocument): readonly MongoDocument[] {
  const parts = [{ _id: '$_id' }, { $literal: document }, { [versions]: `$${versions}` }]
  return [
    { $replaceWith: { $mergeObjects: parts } },
    { $unset: [`${versions}.removed`, `${versions}.removedAt`] },
  ]
}
