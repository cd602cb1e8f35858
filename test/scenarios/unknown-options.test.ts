/** An option that is misspelt is refused wherever options are taken, by its name. */

import { expect, test } from 'vitest'
import { createAdmin } from '../../src/admin/index.ts'
import { createHttpCache } from '../../src/http/index.ts'
import { ConfigError, createCache, type Store } from '../../src/index.ts'
import { keyvStore, keyvTier } from '../../src/keyv/index.ts'
import { memoryTier } from '../../src/memory/index.ts'
import { mongoCollection } from '../../src/mongodb/index.ts'
import { instrument } from '../../src/otel/index.ts'
import { createPrometheus } from '../../src/prometheus/index.ts'
import { redisTier } from '../../src/redis/index.ts'
import { dropOutboxSql, followOutbox, outboxSql, postgresTable } from '../../src/sql/index.ts'
import { openSqlite, sqliteTable, sqliteTier } from '../../src/sqlite/index.ts'

const cache = createCache({ name: 'shop', metrics: 'off' })
const TABLE = { table: 'products', key: 'id' }
const store: Store<number, number> = {
  fencing: 'versioned',
  load: () => undefined,
  apply: async (writes) => writes.map(() => ({ kind: 'applied' })),
}
let declared = 0
const collection = (options: object): unknown => {
  declared += 1
  return cache.collection<number, number>(`c${declared}`, { store, ...options } as never)
}
/** As it may come from JavaScript. */
const none = undefined as never

const TAKERS: readonly [string, (wrong: never, field: string) => unknown][] = [
  ['redisTier', (wrong) => redisTier(none, wrong)],
  [
    'redisTier: events',
    (wrong) => redisTier(none, { events: { stream: 's', ...(wrong as object) } }),
  ],
  ['redisTier over several', (wrong) => redisTier([{ name: 'a', client: none }], wrong)],
  [
    'redisTier: a server',
    (wrong) => redisTier([{ name: 'a', client: none, ...(wrong as object) }]),
  ],
  ['sqliteTier', (wrong) => sqliteTier(':memory:', wrong)],
  ['openSqlite', (wrong) => openSqlite(':memory:', wrong)],
  ['sqliteTable', (wrong) => sqliteTable(none, { ...TABLE, ...(wrong as object) })],
  ['postgresTable', (wrong) => postgresTable(none, { ...TABLE, ...(wrong as object) })],
  ['outboxSql', (wrong) => outboxSql({ table: 'products', ...(wrong as object) })],
  ['dropOutboxSql', (wrong) => dropOutboxSql({ table: 'products', ...(wrong as object) })],
  ['followOutbox', (wrong) => followOutbox(none, none, { collections: {}, ...(wrong as object) })],
  ['mongoCollection', (wrong) => mongoCollection({ collection: none, ...(wrong as object) })],
  [
    'mongoCollection: writeConcern',
    (wrong) => mongoCollection({ collection: none, writeConcern: wrong }),
  ],
  ['memoryTier', (wrong) => memoryTier(wrong)],
  ['keyvTier', (wrong) => keyvTier(new Map(), wrong)],
  ['keyvStore', (wrong) => keyvStore(cache, wrong)],
  ['createAdmin', (wrong) => createAdmin({ cache, ...(wrong as object) })],
  ['createAdmin: tokens', (wrong) => createAdmin({ cache, tokens: wrong })],
  ['createPrometheus', (wrong) => createPrometheus(cache, wrong)],
  ['instrument', (wrong) => instrument(cache, wrong)],
  ['createHttpCache', (wrong) => createHttpCache({ cache, ...(wrong as object) })],
  ['createHttpCache: override', (wrong) => createHttpCache({ cache, override: wrong })],
  ['createHttpCache: heuristics', (wrong) => createHttpCache({ cache, heuristics: wrong })],
  [
    'createHttpCache: a route',
    (wrong) => createHttpCache({ cache, routes: [{ path: '/', ...(wrong as object) }] }),
  ],
  ['createCache', (wrong) => createCache({ name: 'other', ...(wrong as object) })],
  ['collection', (wrong) => collection(wrong)],
  ['collection: write', (wrong) => collection({ write: wrong })],
  ['collection: behind', (wrong) => collection({ write: { put: 'behind' }, behind: wrong })],
  ['collection: timeouts', (wrong) => collection({ timeouts: wrong })],
]

test.each(TAKERS)('%s', (_, take) => {
  const secret = 'something-that-is-a-token'
  const wrong = { misspelt: secret } as never
  expect(() => take(wrong, 'misspelt')).toThrow(ConfigError)
  expect(() => take(wrong, 'misspelt')).toThrow(/`[^`]*misspelt` to be one of \w+, /)
})

test('what may be a token is not shown', () => {
  const options = { cache, tokken: 'something-that-is-a-token' }
  expect(() => createAdmin(options)).toThrow(/^(?!.*something)/)
})

test('timeouts of a call', async () => {
  await expect(cache.get('a', { timeouts: { hrd: 5 } as object })).rejects.toThrow('timeouts.hrd')
})
