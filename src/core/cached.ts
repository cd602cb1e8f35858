/**
 * `@cached`: a method with its answers cached by its arguments, as a standard decorator.
 *
 * It is `cache.memoize` of the method, with what the object adds to the answer as a further argument.
 * Objects are not told apart by themselves, for a key outlives them and travels to other processes.
 */

import type { Cache } from '../contracts/cache.ts'
import { ArgumentError, ConfigError } from '../contracts/errors.ts'
import type { Memoized, MemoizeOptions } from '../contracts/memoize.ts'
import type { DeletionReceipt } from '../contracts/receipts.ts'
import { argumentKey } from '../keys/argument-key.ts'

/** `Self`: the class's instances; `A`: the method's arguments; `R`: what it answers with. */
export interface CachedOptions<Self, A extends readonly unknown[], R>
  extends Omit<MemoizeOptions<A, R>, 'key' | 'tagsOf'> {
  /**
   * What of the object the answer depends on, as plain data: a tenant, a region; nothing, where all objects
   * answer alike. Needed as soon as a second object calls.
   */
  readonly self?: (self: Self) => unknown
  /** As for `memoize`. */
  readonly key?: (...args: A) => string
  /** As for `memoize`. */
  readonly tagsOf?: (value: R, ...args: A) => readonly string[]
}

type Method<Self, A extends readonly unknown[], R> = (this: Self, ...args: A) => Promise<R>

/** Under this name the decorated function carries what forgets its answers. */
const FORGET: unique symbol = Symbol.for('tiercel.forget')

type Forget = (self: unknown, args: readonly unknown[]) => Promise<DeletionReceipt>

/**
 * Decorates an asynchronous method. `cache` may be a function that finds the cache by the object, for
 * caches that are handed to the constructor; the answers of objects with different caches never meet.
 *
 * A method without `self` in its options belongs to the first object that calls it: another one is
 * refused, rather than given the answers of the first.
 *
 * @throws ConfigError for anything but a method, for old (`experimentalDecorators`) decorators, and as
 * `memoize`. The method rejects with an ArgumentError for a second object, where there is no `self`.
 */
export function cached<Self extends object, A extends readonly unknown[], R>(
  cache: Cache | ((self: Self) => Cache),
  options: CachedOptions<Self, A, R>,
): CachedDecorator<Self, A, R> {
  return <T extends Self>(method: Method<T, A, R>, context: ClassMethodDecoratorContext) => {
    checkContext(options.name, context)
    const calls = new Calls<T, A, R>(method, options)
    if (typeof cache !== 'function') calls.of(cache)
    const cacheOf = (self: T): Cache => (typeof cache === 'function' ? cache(self) : cache)
    const decorated = async function (this: T, ...args: A): Promise<R> {
      return await calls.of(cacheOf(this))(this, calls.selfKey(this), args)
    }
    const forget = async (self: T, args: A): Promise<DeletionReceipt> =>
      await calls.of(cacheOf(self)).forget(self, calls.selfKey(self), args)
    return Object.assign(decorated, { [FORGET]: forget })
  }
}

type CachedDecorator<Self, A extends readonly unknown[], R> = <T extends Self>(
  method: Method<T, A, R>,
  context: ClassMethodDecoratorContext,
) => Method<T, A, R>

/** The functions behind one decorated method, one a cache. */
class Calls<Self extends object, A extends readonly unknown[], R> {
  readonly #method: Method<Self, A, R>
  readonly #options: CachedOptions<Self, A, R>
  readonly #memoized = new WeakMap<Cache, Memoized<[Self, string, A], Awaited<R>>>()
  #first: WeakRef<Self> | undefined

  constructor(method: Method<Self, A, R>, options: CachedOptions<Self, A, R>) {
    this.#method = method
    this.#options = options
  }

  of(cache: Cache): Memoized<[Self, string, A], Awaited<R>> {
    const known = this.#memoized.get(cache)
    if (known !== undefined) return known
    const { self: _, key = keyOf, tagsOf, ...entry } = this.#options
    const method = this.#method
    const call = (self: Self, _key: string, args: A): Promise<R> =>
      method.apply(self, [...args] as unknown as A & unknown[])
    const options: MemoizeOptions<[Self, string, A], R> = {
      ...entry,
      key: (_self, selfKey, args) => `${selfKey}${key(...args)}`,
      ...(tagsOf && { tagsOf: (value, _self, _key, args) => tagsOf(value, ...args) }),
    }
    const memoized = cache.memoize(call, options as MemoizeOptions<[Self, string, A], Awaited<R>>)
    this.#memoized.set(cache, memoized)
    return memoized
  }

  /** Ends with its length, so that no text of arguments can be taken for a part of it. */
  selfKey(self: Self): string {
    const { self: read, name } = this.#options
    if (read !== undefined) {
      const text = argumentKey([read(self)])
      return `${text.length}:${text}:`
    }
    this.#first ??= new WeakRef(self)
    if (this.#first.deref() === self) return ''
    throw new ArgumentError({
      field: `cached(${name}).self`,
      expected: 'given, since a second object calls the method',
      actual: undefined,
      cure: 'Say what of the object the answer depends on; `() => undefined` where all answer alike.',
    })
  }
}

const keyOf = (...args: readonly unknown[]): string => argumentKey(args)

/**
 * Makes the answer of a decorated method for these arguments unservable, in every tier.
 *
 * @throws ArgumentError if the method is not decorated with `cached`, and as the method does.
 */
export async function forgetCached<
  Self extends object,
  Name extends { [N in keyof Self]: Self[N] extends AnyMethod ? N : never }[keyof Self],
>(
  self: Self,
  method: Name,
  ...args: Self[Name] extends AnyMethod ? Parameters<Self[Name]> : never
): Promise<DeletionReceipt> {
  const forget = (self[method] as { readonly [FORGET]?: Forget } | undefined)?.[FORGET]
  if (forget !== undefined) return await forget(self, args)
  throw new ArgumentError({
    field: 'method',
    expected: 'the name of a method that is decorated with `cached`',
    actual: String(method),
  })
}

type AnyMethod = (...args: never) => Promise<unknown>

function checkContext(name: string, context: unknown): void {
  const kind = (context as { readonly kind?: unknown } | undefined)?.kind
  if (kind === 'method') return
  throw new ConfigError({
    field: `cached(${name})`,
    expected: 'on a method, as a standard decorator',
    actual: kind,
    ...(typeof context === 'string' ? { cure: 'Turn `experimentalDecorators` off.' } : {}),
  })
}
