/** How a collection writes, checked when it is declared. */

import type { CollectionOptions, WritePolicy } from '../contracts/collection.ts'
import type { ConflictPolicy } from '../contracts/conflict-policy.ts'
import { ConfigError } from '../contracts/errors.ts'
import type { Duration } from '../contracts/options.ts'
import type { CacheKey } from '../contracts/source.ts'
import type { DrainPlan } from '../contracts/write-behind.ts'
import { DEFAULTS } from './defaults.ts'
import { checkNumber, checkWord, durationMs, refuseOption } from './field-check.ts'
import { resolveConflicts } from './resolve-conflicts.ts'

type Operation = 'create' | 'put' | 'remove'

export interface ResolvedWrites {
  readonly policies: Readonly<Record<Operation, WritePolicy>>
  readonly whenUnprotected: 'allow' | 'reject'
  /** `undefined`: no operation writes behind the cache. */
  readonly behind: BehindPlan | undefined
}

export interface BehindPlan extends DrainPlan {
  readonly delayMs: number
  readonly keep: 'last' | 'every'
  readonly records: number
  readonly bytes: number
  /** `undefined`: the source may lag as it does. */
  readonly overdueMs: number | undefined
  readonly whenFull: 'block' | 'reject' | 'through'
  readonly lowWater: number
  readonly conflicts: ConflictPolicy<CacheKey, unknown>
}

const OPERATIONS = ['create', 'put', 'remove'] as const

/** @throws ConfigError */
export function resolveWrites<K extends CacheKey, V>(
  name: string,
  options: CollectionOptions<K, V>,
): ResolvedWrites {
  const path = `collection(${name})`
  const policy = (operation: Operation): WritePolicy =>
    checkWord(
      options.write?.[operation] ?? DEFAULTS.write[operation],
      ['around', 'through', 'behind'],
      { field: `${path}.write.${operation}`, refuse: refuseOption },
    )
  const policies = { create: policy('create'), put: policy('put'), remove: policy('remove') }
  const isBehind = OPERATIONS.some((operation) => policies[operation] === 'behind')
  if (!isBehind && options.behind !== undefined) {
    throw new ConfigError({
      field: `${path}.behind`,
      expected: "absent, since no operation is written 'behind'",
      actual: options.behind,
    })
  }
  if (isBehind && options.store === undefined) {
    throw new ConfigError({
      field: `${path}.store`,
      expected: "given, since the collection is written 'behind'",
      actual: undefined,
    })
  }
  return {
    policies,
    // The order of writes of all policies is kept by the tier: without it, none is carried out.
    whenUnprotected: isBehind ? 'reject' : whenUnprotected(path, options.whenUnprotected),
    behind: isBehind ? resolveBehind(`${path}.behind`, options) : undefined,
  }
}

function whenUnprotected(
  path: string,
  asked: 'allow' | 'reject' = DEFAULTS.whenUnprotected,
): 'allow' | 'reject' {
  return checkWord(asked, ['allow', 'reject'], {
    field: `${path}.whenUnprotected`,
    refuse: refuseOption,
  })
}

function resolveBehind<K extends CacheKey, V>(
  path: string,
  { behind = {}, store }: CollectionOptions<K, V>,
): BehindPlan {
  const given = { ...DEFAULTS.behind, ...behind }
  const whole = (name: 'batch' | 'batchBytes' | 'records' | 'bytes' | 'attempts'): number =>
    checkNumber(given[name], {
      field: `${path}.${name}`,
      refuse: refuseOption,
      least: 1,
      most: MOST[name],
      whole: true,
    })
  const span = (name: string, given: Duration): number =>
    durationMs(given, { field: `${path}.${name}`, refuse: refuseOption })
  const refuse = refuseOption
  return {
    delayMs: span('delay', given.delay),
    storeMs: span('storeTimeout', given.storeTimeout),
    batch: whole('batch'),
    batchBytes: whole('batchBytes'),
    records: whole('records'),
    bytes: whole('bytes'),
    overdueMs: given.age === 'off' ? undefined : span('age', given.age),
    attempts: whole('attempts'),
    keep: checkWord(given.keep, ['last', 'every'], { field: `${path}.keep`, refuse }),
    whenFull: checkWord(given.whenFull, ['block', 'reject', 'through'], {
      field: `${path}.whenFull`,
      refuse,
    }),
    lowWater: checkNumber(given.lowWater, {
      field: `${path}.lowWater`,
      refuse,
      least: LEAST_LOW_WATER,
      most: 1,
    }),
    conflicts: resolveConflicts(`${path}.conflicts`, behind.conflicts, store),
  }
}

/** Nothing less is of use: at least one write must be let in. */
const LEAST_LOW_WATER = 0.01

/** One script or statement takes as many; a queue is bounded by what it is kept in. */
const MOST = {
  batch: 1_000,
  batchBytes: 64 * 1_048_576,
  records: 10_000_000,
  bytes: 2 ** 40,
  attempts: 1_000,
} as const
