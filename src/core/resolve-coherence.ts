/** How changes of other processes are followed, checked when the cache is made. */

import { ConfigError } from '../contracts/errors.ts'
import type { CoherenceOptions } from '../contracts/options.ts'
import { DEFAULTS } from './defaults.ts'
import { checkWord, durationMs, refuseOption } from './field-check.ts'

export interface ResolvedCoherence {
  readonly maxBlindnessMs: number
  readonly whenBlind: 'bypass' | 'flush' | 'serve-stale'
  readonly mode:
    | { readonly kind: 'push' }
    | { readonly kind: 'poll'; readonly everyMs: number }
    | { readonly kind: 'at-most-once' }
}

const SLOWEST_POLL_MS = 1_000

/** @throws ConfigError */
export function resolveCoherence(options: CoherenceOptions): ResolvedCoherence {
  const given = { ...DEFAULTS.coherence, ...options }
  const word = <T extends string>(field: string, value: T, words: readonly T[]): T =>
    checkWord(value, words, { field: `coherence.${field}`, refuse: refuseOption })
  const span = (field: 'maxBlindness' | 'pollEvery'): number =>
    durationMs(given[field], { field: `coherence.${field}`, refuse: refuseOption })
  const delivery = word('delivery', given.delivery, ['complete', 'at-most-once'])
  const follow = word('follow', given.follow, ['push', 'poll'])
  const everyMs = span('pollEvery')
  if (everyMs > SLOWEST_POLL_MS) {
    throw new ConfigError({
      field: 'coherence.pollEvery',
      expected: `at most ${SLOWEST_POLL_MS} ms`,
      actual: given.pollEvery,
    })
  }
  if (delivery === 'at-most-once' && follow === 'poll') {
    throw new ConfigError({
      field: 'coherence.delivery',
      expected: "'complete' with `follow: 'poll'`, which has no messages to be lost",
      actual: delivery,
    })
  }
  return {
    maxBlindnessMs: span('maxBlindness'),
    whenBlind: word('whenBlind', given.whenBlind, ['bypass', 'flush', 'serve-stale']),
    mode:
      delivery === 'at-most-once'
        ? { kind: 'at-most-once' }
        : follow === 'poll'
          ? { kind: 'poll', everyMs }
          : { kind: 'push' },
  }
}
