import { Redis } from 'ioredis'
import { expect, test } from 'vitest'
import { ConfigError } from '../../contracts/errors.ts'
import { resolveServers } from './resolve-servers.ts'

const client = new Redis({ lazyConnect: true })
const named = (...names: readonly string[]) => names.map((name) => ({ name, client }))

test('servers weigh 1 unless it is said otherwise, and none is left', () => {
  const { servers, retire, serverTimeoutMs } = resolveServers(
    [...named('a'), { name: 'b', client, weight: 2 }],
    {},
  )
  expect(servers.map(({ name, weight }) => [name, weight])).toEqual([
    ['a', 1],
    ['b', 2],
  ])
  expect(retire).toEqual([])
  expect(serverTimeoutMs).toBe(150)
})

type Given = readonly [Parameters<typeof resolveServers>[0], Parameters<typeof resolveServers>[1]]

const wrong: readonly (readonly [string, ...Given])[] = [
  ['servers', [], {}],
  ['servers', named(...Array.from({ length: 65 }, (_, at) => `s${at}`)), {}],
  ['servers', named('a', 'b', 'a'), {}],
  ['servers[1].name', named('a', 'b c'), {}],
  ['servers[0].name', named(''), {}],
  ['servers[0].weight', [{ name: 'a', client, weight: 0 }], {}],
  ['servers[0].weight', [{ name: 'a', client, weight: Number.NaN }], {}],
  ['retire', named('a'), { retire: ['a'] }],
  ['retire', named('a'), { retire: 'a' as never }],
  ['retire[0]', named('a'), { retire: ['?'] }],
  ['serverTimeoutMs', named('a'), { serverTimeoutMs: 0 }],
  ['serverTimeoutMs', named('a'), { serverTimeoutMs: Number.POSITIVE_INFINITY }],
]

test.each(wrong)('what cannot work is refused by name: %s', (field, servers, options) => {
  const refused = (): unknown => resolveServers(servers, options)
  expect(refused).toThrow(ConfigError)
  expect(refused).toThrow(`\`${field}\``)
})
