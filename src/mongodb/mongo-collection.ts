/**
 * A collection of MongoDB as the store of a collection of the cache: one document a key.
 *
 * The key is `_id`, or a field with a unique index.
 */

import { ConfigError } from '../contracts/errors.ts'
import { checkKnown, type Known } from '../contracts/known-options.ts'
import type { CacheKey, Store } from '../contracts/source.ts'
import { CollectionWriter } from './collection-writer.ts'
import { documentKeyOf, type ToKey, textOfDocumentKey } from './document-key.ts'
import type { MongoDocument, MongoLike } from './mongo-like.ts'
import { rememberUniqueKey } from './unique-key.ts'
import { type MongoWriteConcern, resolveWriteConcern } from './write-concern.ts'

export interface MongoCollectionOptions<K extends CacheKey, V> {
  readonly collection: MongoLike
  /** The field of the key, which must have a unique index. @default '_id' */
  readonly key?: string
  /**
   * What stands in that field for a key, such as `(id) => new ObjectId(id)`. `undefined`: no document can
   * have the key, which is then not found, and not written.
   * @default the key itself
   */
  readonly toKey?: (key: K) => unknown
  /** Without the field of the versions. @default the document itself, with its key */
  readonly fromDocument?: (document: MongoDocument) => V
  /** The whole document, without its key, which is added. @default the value, an object */
  readonly toDocument?: (value: V, key: K) => MongoDocument
  /**
   * A field of the documents for the version of what is written: with it older versions are refused, as
   * writing behind the cache needs. A removed document stays as a tombstone, with its key and
   * `{ version, epoch, removed, removedAt }` in this field, which other readers of the collection must
   * pass over. @default none; removals delete
   */
  readonly versions?: string
  /** What a write waits for. @default { w: 'majority', wtimeoutMS: 10000 } */
  readonly writeConcern?: MongoWriteConcern
}

const OPTIONS: Known<MongoCollectionOptions<CacheKey, unknown>> = {
  collection: true,
  key: true,
  toKey: true,
  fromDocument: true,
  toDocument: true,
  versions: true,
  writeConcern: true,
}

/**
 * Reads many keys by one `find`, from the primary, and writes many by one `bulkWrite`; a document that the
 * server refuses fails alone.
 *
 * @throws ConfigError if a name cannot be that of a field, or nothing would answer a write.
 */
export function mongoCollection<K extends CacheKey, V>(
  options: MongoCollectionOptions<K, V>,
): Store<K, V> {
  checkKnown(options, OPTIONS)
  const { collection, key: field = '_id', versions } = options
  checkField(field, 'key')
  if (versions !== undefined) checkField(versions, 'versions', [field, '_id'])
  const toKey = options.toKey as ToKey | undefined
  const fromDocument = options.fromDocument ?? ((document: MongoDocument) => document as V)
  const checkKey = rememberUniqueKey(collection, field)
  const writer = new CollectionWriter({
    collection,
    key: field,
    versions,
    toKey,
    toDocument: options.toDocument as never,
    writeConcern: resolveWriteConcern(options.writeConcern),
  })
  const present = versions === undefined ? {} : { [`${versions}.removed`]: { $exists: false } }
  const projection = versions === undefined ? {} : { projection: { [versions]: 0 } }

  return {
    fencing: versions === undefined ? 'unfenced' : 'versioned',

    async loadMany(keys, { signal }) {
      signal.throwIfAborted()
      const asked = new Map<string, { readonly key: unknown; readonly of: K[] }>()
      for (const one of new Set(keys)) {
        const key = documentKeyOf(one, toKey)
        if (key === undefined) continue
        const text = textOfDocumentKey(key)
        const same = asked.get(text)
        if (same === undefined) asked.set(text, { key, of: [one] })
        else same.of.push(one)
      }
      const found = new Map<K, V>()
      if (asked.size === 0) return found
      const among = { $in: Array.from(asked.values(), ({ key }) => key) }
      // A secondary may be behind, and what it has would be kept as fresh.
      const documents = await collection
        .find({ [field]: among, ...present }, { ...projection, readPreference: 'primary', signal })
        .toArray()
      for (const document of documents as MongoDocument[]) {
        const value = fromDocument(document)
        for (const one of asked.get(textOfDocumentKey(document[field]))?.of ?? []) {
          found.set(one, value)
        }
      }
      return found
    },

    async apply(writes, { signal }) {
      signal.throwIfAborted()
      await checkKey()
      return await writer.apply(writes)
    },

    async versions(keys, { signal }) {
      signal.throwIfAborted()
      return versions === undefined ? new Map() : await writer.versions(keys)
    },
  }
}

/** Of the top level: a path would be read into documents, and an operator is none. */
function checkField(name: string, option: string, taken: readonly string[] = []): void {
  const isName =
    typeof name === 'string' && name !== '' && !/[.\0]|^\$/.test(name) && name.isWellFormed()
  if (isName && !taken.includes(name)) return
  const expected =
    taken.length > 0
      ? 'the name of a field of the top level that is not the key'
      : 'the name of a field of the top level'
  throw new ConfigError({ field: option, expected, actual: name })
}
