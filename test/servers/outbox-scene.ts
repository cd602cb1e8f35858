/** A table of PostgreSQL with an outbox of its own, programs that write it, and those who follow it. */

import pg from 'pg'
import type { ExternalChange } from '../../src/contracts/external-change.ts'
import type { ExternalChangeReceipt } from '../../src/contracts/receipts.ts'
import {
  type ChangedCache,
  type FollowOutboxOptions,
  followOutbox,
  type OutboxEvent,
  type OutboxFollower,
  type OutboxSqlOptions,
  outboxSql,
  type PostgresLike,
  type PostgresListen,
} from '../../src/sql/index.ts'
import type { PostgresDriver } from './postgres-drivers.ts'
import type { PostgresServer } from './postgres-server.ts'

/** A follower with what it has told. */
export interface Followed {
  readonly follower: OutboxFollower
  readonly events: OutboxEvent[]
  /** Keys, and `all` for a whole collection, in the order in which the cache was told. */
  readonly told: unknown[]
}

export interface OutboxScene extends AsyncDisposable {
  readonly client: PostgresLike
  readonly listen: PostgresListen
  readonly schema: string
  /** Quoted, with its schema. */
  readonly table: string
  readonly outbox: string
  /** Another program, in one connection. */
  readonly program: pg.Client
  /** One more of them. Ended with the scene. */
  connect(): Promise<pg.Client>
  /** Collection and key of each row of the outbox. */
  noted(): Promise<readonly string[]>
  /** Given no cache, one that takes everything and keeps what it was told. */
  follow(options?: Partial<FollowOutboxOptions>, parts?: FollowParts): Followed
}

export interface FollowParts {
  readonly cache?: ChangedCache
  readonly client?: PostgresLike
}

let scenes = 0

/** `columns`: of the table `products`; its key is `id`. */
export async function outboxScene(
  server: PostgresServer,
  { open }: PostgresDriver,
  {
    columns = 'id int PRIMARY KEY, name text',
    ...sql
  }: Partial<OutboxSqlOptions> & {
    readonly columns?: string
  } = {},
): Promise<OutboxScene> {
  const stack = new AsyncDisposableStack()
  const { client, listen, end } = open(server.url)
  stack.defer(end)
  const connect = async (): Promise<pg.Client> => {
    const program = new pg.Client(server.url)
    // A server that is stopped takes its connections with it.
    program.on('error', () => {})
    await program.connect()
    stack.defer(() => program.end())
    return program
  }
  const program = await connect()
  scenes += 1
  const schema = `o${scenes}`
  const table = `${schema}.products`
  const outbox = `${schema}.changes`
  await program.query(`CREATE SCHEMA ${schema}; CREATE TABLE ${table} (${columns})`)
  await program.query(outboxSql({ table, outbox, ...sql }))

  return {
    client,
    listen,
    schema,
    table,
    outbox,
    program,
    connect,
    async noted() {
      const { rows } = await program.query(`SELECT collection, key FROM ${outbox} ORDER BY xid, id`)
      return rows.map(({ collection, key }) => `${collection} ${key}`)
    },
    follow(options = {}, parts = {}) {
      const events: OutboxEvent[] = []
      const told: unknown[] = []
      const follower = followOutbox(parts.client ?? client, parts.cache ?? noting(told), {
        collections: { products: 'number' },
        outbox,
        onEvent: (event) => events.push(event),
        ...options,
      })
      stack.use(follower)
      return { follower, events, told }
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  }
}

/** The part of a cache that is told of changes: one that is elsewhere. */
function noting(told: unknown[]): ChangedCache {
  return {
    async onExternalChange(event: ExternalChange): Promise<ExternalChangeReceipt> {
      const keys = 'keys' in event ? event.keys : ['all']
      told.push(...keys)
      const version = '' as ExternalChangeReceipt['version']
      return { state: 'done', version, unconfirmed: [], kind: 'keys', count: keys.length }
    },
  }
}
