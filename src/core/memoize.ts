/**
 * A function with its answers in a collection of their own, by the text of its arguments.
 *
 * A call is a `getOrLoad` with the function as its loader: one run for all who ask at once, fenced by
 * `forget`, shared by the processes of the cache.
 */

import type { CollectionOptions } from '../contracts/collection.ts'
import { ArgumentError, ConfigError } from '../contracts/errors.ts'
import type { Memoized, MemoizeOptions } from '../contracts/memoize.ts'
import type { DeletionReceipt } from '../contracts/receipts.ts'
import type { LoadContext } from '../contracts/source.ts'
import { argumentKey } from '../keys/argument-key.ts'
import type { Keyspace } from './keyspace.ts'

/** Makes the collection: one without a source, whose values come with each call. */
export type DeclareByCall = (
  name: string,
  options: Omit<CollectionOptions<string, unknown>, 'source' | 'store'>,
) => Keyspace<string, unknown>

/** @throws ConfigError if the name is taken, or an option cannot work. */
export function memoize<A extends readonly unknown[], R>(
  declare: DeclareByCall,
  given: (...args: never) => unknown,
  options: MemoizeOptions<A, R>,
): Memoized<A, R> {
  const fn = given as (...args: A) => Promise<R> | R
  if (typeof options !== 'object' || options === null) {
    throw new ConfigError({ field: 'options', expected: 'an object with `name`', actual: options })
  }
  const { name, key: own, tagsOf, ...entry } = options
  checkFunctions(fn, { name, key: own, tagsOf })
  checkNone(name, entry)
  const keyspace = declare(name, entry as Parameters<DeclareByCall>[1])
  const keyOf = own === undefined ? argumentKey : (args: A): string => checkText(own(...args))
  const load = async (args: A, context: LoadContext<string>): Promise<R> => {
    const value = await fn(...args)
    // What is not found has no tags.
    if (tagsOf !== undefined && value !== undefined) {
      context.options({ tags: [...keyspace.tags, ...tagsOf(value, ...args)] })
    }
    return value
  }
  const call = (...args: A): Promise<R> => {
    try {
      return keyspace.getOrLoad(keyOf(args), (context) => load(args, context)) as Promise<R>
    } catch (error) {
      return Promise.reject(error)
    }
  }
  return Object.assign(call, {
    forget: async (...args: A): Promise<DeletionReceipt> => await keyspace.delete(keyOf(args)),
    forgetAll: (asked?: { readonly signal?: AbortSignal }) => keyspace.clear(asked),
  })
}

/** What collections may have and these cannot: it would do nothing. */
const NOT_HERE = ['source', 'store', 'write', 'behind', 'warm', 'shadow', 'shardBy']

function checkNone(name: string, options: object): void {
  for (const [field, actual] of Object.entries(options)) {
    if (!NOT_HERE.includes(field) || actual === undefined) continue
    const expected = 'absent: a memoized function is loaded by its calls alone'
    throw new ConfigError({ field: `memoize(${name}).${field}`, expected, actual })
  }
}

function checkFunctions(
  fn: unknown,
  { name, ...given }: { readonly name: string; readonly key: unknown; readonly tagsOf: unknown },
): void {
  const check = (field: string, value: unknown): void => {
    if (typeof value === 'function') return
    throw new ConfigError({ field, expected: 'a function', actual: value })
  }
  check(`memoize(${name})`, fn)
  for (const [field, value] of Object.entries(given)) {
    if (value !== undefined) check(`memoize(${name}).${field}`, value)
  }
}

function checkText(key: unknown): string {
  if (typeof key === 'string') return key
  throw new ArgumentError({ field: 'key', expected: 'a function that answers text', actual: key })
}
