import type { Cache } from '../contracts/cache.ts'
import type { Collection } from '../contracts/collection.ts'
import type { CacheKey } from '../contracts/source.ts'
import { AdminProblem } from './admin-problem.ts'

/** As a cache lists them: of keys of any kind. */
export type AnyCollection = Collection<CacheKey, unknown>

/** @throws AdminProblem for a name that no collection has. */
export function findCollection(cache: Cache, name: string): AnyCollection {
  const collection = cache.collections.get(name)
  if (collection !== undefined) return collection
  throw new AdminProblem('not-found', 'Expected `collection` to be one of this cache.', {
    field: 'collection',
  })
}

/** Plain keys where no name is given. @throws AdminProblem */
export function findKeys(cache: Cache, name: string | undefined): Cache | AnyCollection {
  return name === undefined || name === '' ? cache : findCollection(cache, name)
}
