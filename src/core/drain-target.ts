/** What `write-behind/` must know of a collection to carry out its writes. */

import type { DecodedEnvelope } from '../contracts/codec.ts'
import { CodecError } from '../contracts/errors.ts'
import type { MemoryTier } from '../contracts/memory-tier.ts'
import type { PendingRecord } from '../contracts/pending-steps.ts'
import type { CacheKey, Store, StoreWrite } from '../contracts/source.ts'
import type { StandardSchema } from '../contracts/standard-schema.ts'
import type { DrainTarget, WaitingStoreWrite } from '../contracts/write-behind.ts'
import { decodeKey } from '../keys/key-encoding.ts'
import { checkSchema } from './check-schema.ts'
import type { Engine } from './engine.ts'
import { inThisVersion } from './in-this-version.ts'
import { forget, removeTags } from './removals.ts'
import type { BehindPlan } from './resolve-writes.ts'
import type { Space } from './space.ts'

export interface DrainTargetParts {
  readonly engine: Engine
  readonly space: Space
  readonly memory: MemoryTier | undefined
  readonly store: Store<CacheKey, unknown>
  readonly plan: BehindPlan
}

export function drainTarget(parts: DrainTargetParts): DrainTarget {
  const { engine, space, memory, store, plan } = parts
  return {
    collection: space.name,
    pattern: space.pattern,
    store,
    plan,
    merge:
      typeof plan.conflicts === 'string' ? undefined : plan.conflicts.merge.bind(plan.conflicts),
    writeOf: (record) => {
      const write = writeOf(space, record)
      return write instanceof Promise
        ? write.then((one) => byPolicy(one, parts))
        : byPolicy(write, parts)
    },
    forget: (ids) => {
      for (const id of ids) {
        const key = decodeKey(space.name, id)
        if (key !== undefined) forget(space, key)
      }
    },
    removeTags: async (tags) => {
      await removeTags(engine, memory, { tags, match: 'any', mode: 'delete' })
    },
  }
}

/**
 * `undefined`: its value is of another version, and from there is no way; an instance of that release may
 * carry it out.
 *
 * @throws CodecError where the bytes are of nobody's, or the schema refuses them.
 */
function writeOf(
  space: Space,
  record: PendingRecord,
): WaitingStoreWrite | Promise<WaitingStoreWrite> {
  const { id, kind, version, epoch, envelope } = record
  const key = decodeKey(space.name, id)
  if (key === undefined) throw new CodecError('The key of a write that waits makes no sense.')
  const ordered = { key, version: BigInt(version), epoch }
  if (kind === 'remove') return { ...ordered, kind }
  const decoded = space.envelope.decode(id, envelope)
  const withValue = (one: DecodedEnvelope): WaitingStoreWrite | Promise<WaitingStoreWrite> => {
    const value = presentValue(space, id, one)
    if (value === undefined) return undefined
    // The source gets what the writer gave, as it does of a write through the cache.
    const write = { ...ordered, kind, value }
    return space.schema === undefined ? write : checked(space.schema, write)
  }
  return decoded instanceof Promise ? decoded.then(withValue) : withValue(decoded)
}

/** `undefined`: of another version. @throws CodecError */
function presentValue(space: Space, id: string, decoded: DecodedEnvelope): unknown {
  if (!decoded.ok) {
    const cause = decoded.error
    throw new CodecError(`A write that waits cannot be read: ${decoded.reason}.`, { cause })
  }
  if (decoded.content.schemaVersion > space.schemaVersion) return undefined
  const present = inThisVersion(space, { id }, decoded.content)
  return present.ok ? present.content.value : undefined
}

/** @throws CodecError */
async function checked(
  schema: StandardSchema<unknown>,
  write: Exclude<StoreWrite<CacheKey, unknown>, { readonly kind: 'remove' }>,
): Promise<StoreWrite<CacheKey, unknown>> {
  const answer = await checkSchema(schema, write.value)
  if (answer.ok) return write
  const { error: cause } = answer
  const words = cause instanceof Error ? cause.message : String(cause)
  throw new CodecError(`The schema refuses a write that waits: ${words}`, { cause })
}

/** A value carries the revision that it was read with, so that it is its own base. */
function byPolicy(write: WaitingStoreWrite, { store, plan }: DrainTargetParts): WaitingStoreWrite {
  if (write === undefined || write.kind === 'remove') return write
  if (plan.conflicts === 'overwrite') return { ...write, kind: 'put' }
  if (write.kind === 'create' || store.conflicts !== 'detected') return write
  return { ...write, base: { value: write.value } }
}
