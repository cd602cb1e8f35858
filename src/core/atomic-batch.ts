/**
 * A batch as one step of one shard: all of it or nothing, and nothing of others in between (B3).
 *
 * Reads load nothing. Copies in this process of what was changed are dropped, and found again in the
 * shared tier. A touch that names no life reads before the step what the entry was granted.
 */

import type { BatchOptions, BatchResult } from '../contracts/batch.ts'
import { ArgumentError, ConfigError, ConflictError } from '../contracts/errors.ts'
import type { AtomicAnswer, AtomicOperation, SharedKey } from '../contracts/shared-tier.ts'
import { checkValue } from './check-value.ts'
import { encodeValue, optionsOfValue } from './commit.ts'
import { checkOpen, type Engine, type SharedParts } from './engine.ts'
import { entryLife } from './entry-life.ts'
import { refuseArgument } from './field-check.ts'
import { askedLife, lifeFromNow, locate } from './lifetimes.ts'
import type { BatchParts, NamedOperation, PlainOperation } from './named-operation.ts'
import { noteSharedRead } from './note-read.ts'
import { forget } from './removals.ts'
import { resolveEntryOptions } from './resolve-entry-options.ts'
import { readShared } from './shared-reader.ts'
import type { Space } from './space.ts'
import { refuseLimited } from './tier-limits.ts'
import { untilAborted } from './until-aborted.ts'
import { versionToken } from './version-token.ts'

/** @throws ArgumentError; ConflictError while a key is being written; TierError; ConfigError. */
export async function atomicBatch(
  { engine, space }: BatchParts,
  named: readonly NamedOperation[],
  options: BatchOptions,
): Promise<readonly BatchResult<unknown>[]> {
  checkOpen(engine)
  const { shared } = engine
  if (shared === undefined) {
    throw new ConfigError({
      field: 'shared',
      expected: 'given, since an atomic batch is a step of the shared tier',
      actual: undefined,
    })
  }
  refuseLimited(shared.limits, 'atomic-steps', 'atomic')
  const operations = plainOnly(named)
  if (operations.length === 0) return []
  checkOneShard(shared, space, operations)
  const asked = await Promise.all(operations.map((one) => stepOf(engine, space, one)))
  const work = (): Promise<readonly BatchResult<unknown>[]> =>
    engine.background.watch(carryOut(engine, space, { shared, operations, asked }))
  return await untilAborted(options.signal, work)
}

function plainOnly(named: readonly NamedOperation[]): readonly PlainOperation[] {
  return named.map(({ plain }) => {
    if (plain !== undefined) return plain
    throw new ArgumentError({
      field: 'batch',
      expected: 'operations on plain keys alone where it is atomic',
      actual: 'one on a collection',
    })
  })
}

function checkOneShard(
  { access }: SharedParts,
  space: Space,
  operations: readonly PlainOperation[],
): void {
  const shards = new Set(operations.map(({ key }) => access.shardOf(space.sharedKey(key))))
  if (shards.size === 1) return
  throw new ArgumentError({
    field: 'atomic',
    expected: "'none', or keys of one shard",
    actual: `keys of ${shards.size} shards`,
    cure: 'Name the shard of keys that belong together by `shardBy`.',
  })
}

/** @throws ArgumentError; CodecError. */
async function stepOf(
  engine: Engine,
  space: Space,
  operation: PlainOperation,
): Promise<AtomicOperation> {
  const key = space.sharedKey(operation.key)
  switch (operation.kind) {
    case 'get':
    case 'has':
      return { op: 'read', key }
    case 'delete':
      return { op: 'delete', key }
    case 'touch': {
      const asked = askedLife(operation.ttl)
      // What it was granted stands in the entry, which the step does not take apart.
      const found = asked === undefined ? await locate(engine, space, operation.key) : undefined
      return { op: 'touch', key, ...lifeFromNow(engine, found?.entry ?? space.options, asked) }
    }
    case 'set':
      return await setStep(engine, space, key, operation)
    default:
      return operation satisfies never
  }
}

async function setStep(
  engine: Engine,
  space: Space,
  key: SharedKey,
  operation: Extract<PlainOperation, { kind: 'set' }>,
): Promise<AtomicOperation> {
  const { value } = operation
  checkValue(value)
  const declared = resolveEntryOptions(operation.options ?? {}, {
    base: space.options,
    path: '',
    refuse: refuseArgument,
  })
  const options = optionsOfValue(space, declared, value, operation.key)
  const life = entryLife({ ...engine, options, absent: false })
  if (life === undefined) {
    throw new ArgumentError({
      field: 'expiresAt',
      expected: 'in the future',
      actual: options.expiresAt,
    })
  }
  const fresh = { options, life, absent: false, value, loadMs: undefined }
  const { bytes } = await encodeValue(engine, space, key, fresh)
  const { ttlMs, graceMs } = life
  return { op: 'set', value: { ...key, envelope: bytes, ttlMs, graceMs, tags: options.tags } }
}

interface Carrying {
  readonly shared: SharedParts
  readonly operations: readonly PlainOperation[]
  readonly asked: readonly AtomicOperation[]
}

async function carryOut(
  engine: Engine,
  space: Space,
  { shared, operations, asked }: Carrying,
): Promise<readonly BatchResult<unknown>[]> {
  const changed = operations.filter(({ kind }) => kind === 'set' || kind === 'delete')
  const copied = operations.filter(({ kind }) => kind !== 'get' && kind !== 'has')
  const askedAt = engine.clock.monotonic()
  const reservation = { stamp: engine.order.stamp, shared: undefined }
  const { tagsTold } = shared.outbox
  let answer: AtomicAnswer
  try {
    answer = await shared.access.atomic(asked)
  } catch (error) {
    // It may have been carried out.
    const keys = changed.map(({ key }) => space.sharedKey(key))
    if (keys.length > 0) shared.outbox.add({ kind: 'keys', keys, mode: 'delete' })
    throw error
  } finally {
    for (const { key } of copied) forget(space, key)
  }
  if (answer.kind === 'writing') {
    throw new ConflictError('A key of the batch is being written to its source.')
  }
  const { serverNow, answers } = answer
  const results = answers.map(async (one, index): Promise<BatchResult<unknown>> => {
    const operation = operations[index] as PlainOperation
    switch (one.op) {
      case 'set':
        return { ok: true, value: versionToken([answer]) }
      case 'delete':
        return { ok: true, value: undefined }
      case 'touch':
        return { ok: true, value: one.touched }
      case 'read': {
        const { entry } = one
        const key = space.sharedKey(operation.key)
        const sighting = { key, serverNow, askedAt, reservation, tagsTold }
        const finding = entry && (await readShared(engine, space, { ...sighting, entry }))
        const found =
          finding?.kind === 'entry' && engine.clock.monotonic() < finding.entry.freshUntil
        if (entry !== undefined && found) noteSharedRead(engine, space, { key, entry, serverNow })
        const present = found && !finding.entry.absent
        if (operation.kind === 'has') return { ok: true, value: present }
        return { ok: true, value: present ? finding.entry.value : undefined }
      }
      default:
        return one satisfies never
    }
  })
  return await Promise.all(results)
}
