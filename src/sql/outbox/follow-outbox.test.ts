import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { postgresDrivers } from '../../../test/servers/postgres-drivers.ts'
import type { PostgresServer } from '../../../test/servers/postgres-server.ts'
import { startPostgres } from '../../../test/servers/start-postgres.ts'
import { until } from '../../../test/servers/until.ts'
import { ConfigError } from '../../contracts/errors.ts'
import { createCache } from '../../create-cache.ts'
import { memoryTier } from '../../memory/shared-memory-tier.ts'
import { asking, type PostgresLike } from '../postgres-like.ts'
import { postgresTable } from '../postgres-table.ts'
import type { FollowOutboxOptions, OutboxEvent } from './follow-options.ts'
import { followOutbox } from './follow-outbox.ts'
import type { OutboxKeys } from './outbox-keys.ts'
import { dropOutboxSql, type OutboxSqlOptions, outboxSql } from './outbox-sql.ts'

let server: PostgresServer
beforeAll(async () => {
  server = await startPostgres({ config: { max_prepared_transactions: '2' } })
})
afterAll(() => server[Symbol.asyncDispose]())

let scenes = 0

/** A random order that is the same each time. */
function shuffled<T>(items: readonly T[]): readonly T[] {
  let state = 7
  const next = (): number => {
    state = (state * 48_271) % 2_147_483_647
    return state
  }
  return items
    .map((item) => [next(), item] as const)
    .toSorted(([one], [other]) => one - other)
    .map(([, item]) => item)
}

describe.each(postgresDrivers)('an outbox, through $driver,', ({ open }) => {
  /** A table with an outbox of its own, and a second program that writes it. */
  async function setup(more: Partial<OutboxSqlOptions> = {}, columns = 'id int PRIMARY KEY') {
    const stack = new AsyncDisposableStack()
    const { client, listen, end } = open(server.url)
    stack.defer(end)
    scenes += 1
    const schema = `o${scenes}`
    const ask = asking(client)
    const run = asking((text) => (typeof client === 'function' ? client : client.query.bind(client))(text, []))
    await ask(`CREATE SCHEMA ${schema}`, [])
    await ask(`CREATE TABLE ${schema}.products (${columns}, name text)`, [])
    const outbox = `${schema}.changes`
    const options = { table: `${schema}.products`, outbox, ...more }
    await script(client, outboxSql(options))
    /** A connection of its own, in which a transaction may stay open. */
    const session = () => {
      const { client: own, end: endOwn } = open(`${server.url}?application_name=session`)
      void own
      return endOwn
    }
    void session
    const rows = async () =>
      (await ask(`SELECT collection, key FROM ${outbox} ORDER BY xid, id`, [])).map(
        ({ collection, key }) => `${String(collection)} ${String(key)}`,
      )
    /** What a cache with a shared tier is told, and a follower of its own. */
    const follow = (
      keys: OutboxKeys = 'number',
      given: Partial<FollowOutboxOptions> = {},
      through: PostgresLike = client,
    ) => {
      const events: OutboxEvent[] = []
      const told: unknown[] = []
      const cache = {
        onExternalChange: (event: { keys?: readonly unknown[]; all?: true }) => {
          told.push(...(event.keys ?? ['all']))
          return Promise.resolve({
            state: 'done' as const,
            version: '' as never,
            unconfirmed: [],
            kind: 'keys' as const,
            count: 0,
          })
        },
      }
      const follower = followOutbox(through, cache, {
        collections: { [more.collection ?? 'products']: keys },
        outbox,
        onEvent: (event) => events.push(event),
        ...given,
      })
      stack.use(follower)
      return { follower, told, events }
    }
    return {
      ask,
      run,
      rows,
      follow,
      client,
      listen,
      schema,
      outbox,
      table: options.table,
      options,
      [Symbol.asyncDispose]: () => stack.disposeAsync(),
    }
  }

  test('notes every row that changes, with the old and the new key', async () => {
    await using scene = await setup()
    const { run, table, rows } = scene
    await run(`INSERT INTO ${table} VALUES (1, 'a'), (2, 'b')`, [])
    await run(`UPDATE ${table} SET name = name`, [])
    await run(`UPDATE ${table} SET name = 'c' WHERE id = 1`, [])
    await run(`UPDATE ${table} SET id = 3 WHERE id = 2`, [])
    await run(`DELETE FROM ${table} WHERE id = 1`, [])
    await run(`TRUNCATE ${table}`, [])
    expect(await rows()).toEqual([
      'products 1',
      'products 2',
      'products 1',
      'products 2',
      'products 3',
      'products 1',
      'products null',
    ])
  })
})

async function script(client: PostgresLike, text: string): Promise<void> {
  await (typeof client === 'function' ? client(text, []) : client.query(text, []))
}
void ConfigError; void createCache; void memoryTier; void postgresTable; void dropOutboxSql; void shuffled; void until
