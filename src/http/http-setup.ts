/** What the parts of one HTTP cache share: its options, resolved. */

import type { Cache } from '../contracts/cache.ts'
import { ConfigError } from '../contracts/errors.ts'
import { AnswerCollection } from './answer-collection.ts'
import { checkWhole } from './check-options.ts'
import type { HttpCacheOptions } from './http-options.ts'
import { readDuration } from './read-duration.ts'
import type { ResolvedPolicy } from './resolve-policy.ts'
import { routePolicies } from './routes.ts'
import type { AnothersTurn } from './take-turn.ts'
import { UnsharedKeys } from './unshared-keys.ts'

export interface HttpSetup {
  readonly activity: HttpCacheOptions['activity'] | undefined
  readonly cache: Pick<Cache, 'invalidateTags' | 'noteActivity'>
  readonly answers: AnswerCollection
  readonly unshared: UnsharedKeys
  /** Validations under way, by the key of the entry: as many as requests wait. */
  readonly validations: Map<string, Promise<AnothersTurn>>
  readonly name: string
  readonly keepStaleMs: number
  readonly policyOf: (url: URL) => ResolvedPolicy
  readonly allowsHost: (host: string) => boolean
  readonly now: () => number
  readonly onError: (error: unknown) => void
  /** Of work that goes on after the answer was given; it never rejects. */
  readonly owned: (work: Promise<unknown>) => void
}

/** @throws ConfigError naming the option that cannot work. */
export function setUp(options: HttpCacheOptions): HttpSetup {
  checkWhole(options)
  const { cache, name = 'http', hosts = 'any', clock = Date } = options
  if (typeof cache?.collection !== 'function') {
    throw new ConfigError({ field: 'cache', expected: 'a cache of `createCache`', actual: cache })
  }
  // RFC 9211, 2: it stands in a field as a token.
  if (!/^[A-Za-z][\w.-]{0,63}$/.test(name)) {
    throw new ConfigError({
      field: 'name',
      expected: 'a letter, and up to 63 letters, digits, `.`, `_` or `-`',
      actual: name,
    })
  }
  if (
    hosts !== 'any' &&
    !(Array.isArray(hosts) && hosts.every((host) => typeof host === 'string'))
  ) {
    throw new ConfigError({ field: 'hosts', expected: "'any' or a list of hosts", actual: hosts })
  }
  const allowed = new Set(hosts === 'any' ? [] : hosts.map((host: string) => host.toLowerCase()))
  const policyOf = routePolicies(options)
  const keepStaleMs = readDuration(options.keepStale ?? '1h', 'keepStale')
  return {
    cache,
    answers: new AnswerCollection(cache, name),
    unshared: new UnsharedKeys(),
    validations: new Map(),
    name,
    keepStaleMs,
    policyOf,
    allowsHost: (host) => hosts === 'any' || allowed.has(host.toLowerCase()),
    now: () => clock.now(),
    onError: options.onError ?? warn,
    activity: options.activity,
    owned: (work) => options.waitUntil?.(work),
  }
}

function warn(error: unknown): void {
  const text = error instanceof Error ? error.message : String(error)
  globalThis.process?.emitWarning?.(`HTTP cache: ${text}`, 'TiercelWarning')
}
