/**
 * That no two documents can have one key, which `_id` has by itself. Without that, an older write would
 * not be refused but stand as a second document, and nobody would hear of it.
 */

import type { MongoLike } from './mongo-like.ts'

/** Asked until it was found once. @throws Error if there is no such index. */
export function rememberUniqueKey(collection: MongoLike, key: string): () => Promise<void> {
  let isKnown = key === '_id'
  return async () => {
    if (isKnown) return
    const indexes = await collection.indexes()
    isKnown = indexes.some((index) => isUniqueOn(index, key))
    if (isKnown) return
    throw new Error(
      `The collection has no unique index on ${JSON.stringify(key)} alone and for all documents, without which a key may stand there twice.`,
    )
  }
}

function isUniqueOn(index: object, key: string): boolean {
  const { key: fields, ...options } = index as {
    readonly key?: object
    readonly unique?: unknown
    readonly partialFilterExpression?: unknown
  }
  const names = Object.keys(fields ?? {})
  // A sparse one has all that have the field, and so every document that has a key.
  const { unique, partialFilterExpression: part } = options
  return unique === true && part === undefined && names.length === 1 && names[0] === key
}
