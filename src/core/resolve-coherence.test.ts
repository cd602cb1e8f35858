import { expect, test } from 'vitest'
import { ConfigError } from '../contracts/errors.ts'
import type { CoherenceOptions } from '../contracts/options.ts'
import { resolveCoherence } from './resolve-coherence.ts'

test('what is not given follows messages, completely, and bypasses copies after five seconds', () => {
  expect(resolveCoherence({})).toEqual({
    maxBlindnessMs: 5_000,
    whenBlind: 'bypass',
    mode: { kind: 'push' },
  })
})

test.each<[string, CoherenceOptions, object]>([
  ['polling looks each half second', { follow: 'poll' }, { kind: 'poll', everyMs: 500 }],
  [
    'polling looks as often as it is told',
    { follow: 'poll', pollEvery: '1s' },
    { kind: 'poll', everyMs: 1_000 },
  ],
  ['messages alone are at most once', { delivery: 'at-most-once' }, { kind: 'at-most-once' }],
  ['an interval without polling is left alone', { pollEvery: 20 }, { kind: 'push' }],
])('%s', (_, options, mode) => {
  expect(resolveCoherence(options).mode).toEqual(mode)
})

test('what is given is taken', () => {
  const given = resolveCoherence({ maxBlindness: '2s', whenBlind: 'serve-stale' })
  expect(given).toMatchObject({ maxBlindnessMs: 2_000, whenBlind: 'serve-stale' })
})

test.each<[string, string, CoherenceOptions]>([
  ['a poll beyond a second', 'pollEvery', { pollEvery: '1001ms' }],
  ['a poll that is no duration', 'pollEvery', { pollEvery: 'often' as '1s' }],
  ['blindness that is no duration', 'maxBlindness', { maxBlindness: -1 }],
  ['an unknown way when blind', 'whenBlind', { whenBlind: 'panic' as 'flush' }],
  ['an unknown delivery', 'delivery', { delivery: 'twice' as 'complete' }],
  ['an unknown way to follow', 'follow', { follow: 'pull' as 'poll' }],
  [
    'polling for messages that may be lost',
    'delivery',
    { follow: 'poll', delivery: 'at-most-once' },
  ],
])('%s is refused', (_, field, options) => {
  expect(() => resolveCoherence(options)).toThrow(ConfigError)
  expect(() => resolveCoherence(options)).toThrow(`coherence.${field}`)
})
