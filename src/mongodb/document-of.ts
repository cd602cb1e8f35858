import { ArgumentError } from '../contracts/errors.ts'
import type { CacheKey } from '../contracts/source.ts'
import type { MongoDocument } from './mongo-like.ts'

/** The document of a value. @throws ArgumentError for what cannot be one. */
export function documentOf(
  value: unknown,
  key: CacheKey,
  toDocument: ((value: unknown, key: CacheKey) => MongoDocument) | undefined,
): MongoDocument {
  const document = toDocument === undefined ? value : toDocument(value, key)
  if (typeof document !== 'object' || document === null || Array.isArray(document)) {
    throw new ArgumentError({
      field: 'value',
      expected: 'an object with the fields as properties',
      actual: document,
      cure: 'Give `toDocument`.',
    })
  }
  // The driver takes such a name for an operator, and refuses all that travels with it.
  const operator = Object.keys(document).find((field) => field.startsWith('$'))
  if (operator !== undefined) {
    throw new ArgumentError({
      field: 'value',
      expected: 'names of fields that do not begin with `$`',
      actual: operator,
    })
  }
  return document as MongoDocument
}
