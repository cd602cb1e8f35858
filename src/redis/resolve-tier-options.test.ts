import { expect, test } from 'vitest'
import { ConfigError } from '../contracts/errors.ts'
import { resolveTierOptions } from './resolve-tier-options.ts'

test('without options a cache has one shard on one server, 16 where they are spread, and tells no stream', () => {
  expect(resolveTierOptions({}, 'one server')).toEqual({
    shards: 1,
    maxBytes: undefined,
    durability: undefined,
    events: undefined,
  })
  expect(resolveTierOptions({}, 'spread').shards).toBe(16)
})

test('what is given stands', () => {
  const events = { stream: 'changes', maxLength: 7 }
  const given = { shards: 3, maxBytes: 1_000, durability: 'replicated(2)', events } as const
  expect(resolveTierOptions(given, 'one server')).toEqual(given)
  expect(resolveTierOptions({ events: { stream: 'changes' } }, 'spread').events?.maxLength).toBe(
    1_000,
  )
})

test.each([
  ['shards', { shards: 0 }],
  ['shards', { shards: 257 }],
  ['shards', { shards: 1.5 }],
  ['shards', { shards: '4' }],
  ['maxBytes', { maxBytes: 0 }],
  ['durability', { durability: 'safe' }],
  ['durability', { durability: 'replicated' }],
  ['durability', { durability: 'replicated(0)' }],
  ['durability', { durability: 2 }],
  ['events', { events: true }],
  ['events', { events: null }],
  ['events.stream', { events: {} }],
  ['events.stream', { events: { stream: '' } }],
  ['events.maxLength', { events: { stream: 'a', maxLength: 0 } }],
])('an option that cannot work is refused by name: %s, %j', (field, options) => {
  const refused = (): unknown =>
    resolveTierOptions(options as Parameters<typeof resolveTierOptions>[0], 'spread')
  expect(refused).toThrow(ConfigError)
  expect(refused).toThrow(`\`${field}\``)
})
