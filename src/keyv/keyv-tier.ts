/** Any store of Keyv as a shared tier, with what it cannot give named at start. */

import { ConfigError } from '../contracts/errors.ts'
import { checkKnown, type Known } from '../contracts/known-options.ts'
import type { SharedTier } from '../contracts/shared-tier.ts'
import type { TierLimit } from '../contracts/tier-limit.ts'
import type { KeyvLike } from './keyv-like.ts'
import { type KeyvProcess, keyvProcess } from './keyv-process.ts'
import { KeyvSession } from './keyv-session.ts'

export interface KeyvTierOptions {
  /** Limits that are known and wanted: the warning at start leaves them out. @default [] */
  readonly accept?: readonly TierLimit[] | 'all'
}

const OPTIONS: Known<KeyvTierOptions> = { accept: true }
const LIMITS: readonly TierLimit[] = [
  'atomic-steps',
  'leases',
  'following',
  'locks',
  'queues',
  'listing',
  'memory-of-removals',
]

/**
 * A shared tier on a store that knows `get` and `set`: for what is there already, and for stores that
 * Tiercel has no tier for. `redisTier` and `sqliteTier` give more, and name nothing at start.
 *
 * Entries live for seven days at most, and clocks of the processes may differ by a second.
 *
 * @example
 * ```ts
 * import { createCache } from 'tiercel'
 * import { keyvTier } from 'tiercel/keyv'
 *
 * const store = new Map<string, string>() // or an adapter of Keyv
 * await using cache = createCache({ name: 'shop', shared: keyvTier(store, { accept: 'all' }) })
 * await cache.set('a', 1)
 * console.log(await cache.get('a', { read: 'shared' })) // 1
 * ```
 *
 * @throws ConfigError for what is no store, and for a Keyv that keeps its errors to itself: a Keyv 5 without
 * `throwOnErrors`, and each Keyv 6.
 */
export function keyvTier(store: KeyvLike, options: KeyvTierOptions = {}): SharedTier {
  checkKnown(options, OPTIONS)
  const { accept = [] } = options
  for (const method of ['get', 'set'] as const) {
    if (typeof store?.[method] === 'function') continue
    const expected = `a store of Keyv, with \`${method}\``
    throw new ConfigError({ field: 'keyvTier(store)', expected, actual: store })
  }
  refuseSilent(store)
  const accepted = accept === 'all' ? LIMITS : checkLimits(accept)
  const processes = new Map<string, KeyvProcess>()
  return {
    kind: 'keyv',
    limits: LIMITS,
    accepted,
    open(context) {
      const process = processes.get(context.name) ?? keyvProcess(store, context)
      processes.set(context.name, process)
      return new KeyvSession(process, context)
    },
  }
}

/** What tells a Keyv from an adapter, and Keyv 5 from 6. */
interface KeyvWords {
  /** Of a Keyv 5, and of some adapters. */
  readonly throwOnErrors?: unknown
  readonly getRaw?: unknown
  readonly store?: unknown
}

/** A Keyv that keeps its errors to itself would make an outage look like misses. @throws ConfigError */
function refuseSilent(store: KeyvLike): void {
  const { throwOnErrors, getRaw, store: adapter } = store as KeyvWords
  if (throwOnErrors === false) {
    throw new ConfigError({
      field: 'keyvTier(store).throwOnErrors',
      expected: 'true, for a read that failed is no miss',
      actual: false,
      cure: 'Pass the adapter itself, or what was made with `throwOnErrors: true`.',
    })
  }
  // A Keyv 6 throws while nobody listens to its errors, and no longer once somebody does.
  if (typeof getRaw !== 'function' || typeof adapter !== 'object' || throwOnErrors === true) return
  throw new ConfigError({
    field: 'keyvTier(store)',
    expected: 'a store that throws what goes wrong, which a Keyv 6 does not',
    actual: store,
    cure: 'Pass its adapter, `keyv.store`; what the Keyv itself compresses or encrypts, it does not.',
  })
}

function checkLimits(accept: readonly TierLimit[]): readonly TierLimit[] {
  for (const limit of accept) {
    if (LIMITS.includes(limit)) continue
    const expected = `'all', or some of ${LIMITS.join(', ')}`
    throw new ConfigError({ field: 'accept', expected, actual: limit })
  }
  return accept
}
