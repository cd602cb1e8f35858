/**
 * `batch()`: operations that are named first and carried out in one tick, so that they travel
 * together (B3).
 */

import type {
  Batch,
  Batchable,
  BatchOperation,
  BatchOptions,
  BatchResult,
  BatchResults,
} from '../contracts/batch.ts'
import type { CallOptions, Duration, EntryOptions, VersionToken } from '../contracts/options.ts'
import type { CacheKey } from '../contracts/source.ts'
import { atomicBatch } from './atomic-batch.ts'
import { CALLS, checkCall } from './check-call.ts'
import { DEFAULTS } from './defaults.ts'
import { checkWord, refuseArgument } from './field-check.ts'
import type { Keyspace } from './keyspace.ts'
import { type BatchParts, NamedOperation } from './named-operation.ts'

/** Operations in one batch; a longer one is most often a loop that should be `getMany`. */
const MAX_OPERATIONS = 10_000

/** @throws ArgumentError for operations that are none, or cannot be atomic; nothing is done then. */
export async function runBatch<const T extends readonly BatchOperation<unknown>[]>(
  parts: BatchParts,
  build: (batch: Batch) => T,
  options: BatchOptions = {},
): Promise<BatchResults<T>> {
  checkCall(options, CALLS.batch)
  const atomic = checkWord(options.atomic ?? DEFAULTS.atomic, ['none', 'shard'], {
    field: 'atomic',
    refuse: refuseArgument,
  })
  const named = build(new NamedOperations(parts.plain, options))
  const operations = checkedOperations(named)
  if (atomic === 'shard') {
    return (await atomicBatch(parts, operations, options)) as unknown as BatchResults<T>
  }
  const results = await Promise.all(operations.map((operation) => settled(operation.run())))
  return results as unknown as BatchResults<T>
}

async function settled(work: Promise<unknown>): Promise<BatchResult<unknown>> {
  try {
    return { ok: true, value: await work }
  } catch (error) {
    return { ok: false, error }
  }
}

function checkedOperations(named: unknown): readonly NamedOperation[] {
  const fits =
    Array.isArray(named) &&
    named.length <= MAX_OPERATIONS &&
    named.every((one) => one instanceof NamedOperation)
  if (fits) return named
  throw refuseArgument({
    field: 'batch',
    expected: `a function that answers an array of at most ${MAX_OPERATIONS} operations of its argument`,
    actual: named,
  })
}

class NamedOperations implements Batch {
  readonly #plain: Keyspace<string, unknown>
  readonly #options: CallOptions

  constructor(plain: Keyspace<string, unknown>, { atomic: _, ...options }: BatchOptions) {
    this.#plain = plain
    this.#options = options
  }

  get(where: string | Batchable<never, unknown>, key?: CacheKey): BatchOperation<never> {
    return this.#named('get', where, key, (target, of) => target.get(of, this.#options))
  }

  delete(where: string | Batchable<never, unknown>, key?: CacheKey): BatchOperation<never> {
    return this.#named('delete', where, key, async (target, of) => {
      await target.delete(of, this.#options)
    })
  }

  has(where: string | Batchable<never, unknown>, key?: CacheKey): BatchOperation<never> {
    return this.#named('has', where, key, (target, of) => target.has(of, this.#options))
  }

  set(key: string, value: unknown, options?: EntryOptions): BatchOperation<VersionToken> {
    const plain = { kind: 'set', key, value, options } as const
    const run = (): Promise<unknown> =>
      this.#plain.set(key, value, { ...options, ...signalOf(this.#options) })
    return new NamedOperation(plain, run)
  }

  touch(key: string, ttl?: Duration | 'none'): BatchOperation<boolean> {
    const plain = { kind: 'touch', key, ttl } as const
    const run = (): Promise<unknown> => this.#plain.touch(key, ttl, this.#options)
    return new NamedOperation(plain, run)
  }

  #named(
    kind: 'get' | 'delete' | 'has',
    where: string | Batchable<never, unknown>,
    key: CacheKey | undefined,
    run: (target: Batchable<CacheKey, unknown>, key: CacheKey) => Promise<unknown>,
  ): BatchOperation<never> {
    const ofPlain = typeof where === 'string'
    const target = (ofPlain ? this.#plain : where) as unknown as Batchable<CacheKey, unknown>
    const plain = ofPlain ? { kind, key: where } : undefined
    const of = ofPlain ? where : (key as CacheKey)
    // Rejects like the call of its own, instead of throwing while others are named.
    const call = async (): Promise<unknown> => await run(target, of)
    return new NamedOperation(plain, call)
  }
}

function signalOf({ signal }: CallOptions): { readonly signal?: AbortSignal } {
  return signal === undefined ? {} : { signal }
}
