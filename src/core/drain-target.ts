/** What `write-behind/` must know of a collection to carry out its writes. */

import { CodecError } from '../contracts/errors.ts'
import type { MemoryTier } from '../contracts/memory-tier.ts'
import type { PendingRecord } from '../contracts/pending-steps.ts'
import type { CacheKey, Store, StoreWrite } from '../contracts/source.ts'
import type { DrainTarget } from '../contracts/write-behind.ts'
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
    writeOf: async (record) => {
      const write = await writeOf(space, record)
      return write && byPolicy(write, parts)
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
async function writeOf(
  space: Space,
  { id, kind, version, epoch, envelope }: PendingRecord,
): Promise<StoreWrite<CacheKey, unknown> | undefined> {
  const key = decodeKey(space.name, id)
  if (key === undefined) throw new CodecError('The key of a write that waits makes no sense.')
  const ordered = { key, version: BigInt(version), epoch }
  if (kind === 'remove') return { ...ordered, kind }
  const decoded = await space.envelope.decode(id, envelope)
  if (!decoded.ok) {
    const cause = decoded.error
    throw new CodecError(`A write that waits cannot be read: ${decoded.reason}.`, { cause })
  }
  if (decoded.content.schemaVersion > space.schemaVersion) return undefined
  const present = inThisVersion(space, { id }, decoded.content)
  if (!present.ok) return undefined
  const { value } = present.content
  const checked = space.schema && (await checkSchema(space.schema, value))
  if (checked?.ok === false) {
    const { error: cause } = checked
    const words = cause instanceof Error ? cause.message : String(cause)
    throw new CodecError(`The schema refuses a write that waits: ${words}`, { cause })
  }
  // The source gets what the writer gave, as it does of a write through the cache.
  return { ...ordered, kind, value }
}

/** A value carries the revision that it was read with, so that it is its own base. */
function byPolicy(
  write: StoreWrite<CacheKey, unknown>,
  { store, plan }: DrainTargetParts,
): StoreWrite<CacheKey, unknown> {
  if (write.kind === 'remove') return write
  if (plan.conflicts === 'overwrite') return { ...write, kind: 'put' }
  if (write.kind === 'create' || store.conflicts !== 'detected') return write
  return { ...write, base: { value: write.value } }
}
