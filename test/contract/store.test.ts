/** The store contract against every store there is. */

import { afterAll, describe, expect, test } from 'vitest'
import { type MongoDocument, mongoCollection } from '../../src/mongodb/index.ts'
import { postgresTable } from '../../src/sql/index.ts'
import { openSqlite } from '../../src/sqlite/sqlite-database.ts'
import { sqliteTable } from '../../src/sqlite/sqlite-table.ts'
import { type SampleStore, type StoreSample, storeSuite } from '../../src/testing/store-suite.ts'
import { RevisedRows } from '../scenarios/revised-rows.ts'
import { EvaluatedCollection } from '../servers/evaluated-collection.ts'
import { MONGODB_URL, type MongoServer, openMongo, toldOfMongo } from '../servers/mongo-server.ts'
import { type PostgresDriver, postgresDrivers } from '../servers/postgres-drivers.ts'
import type { PostgresServer } from '../servers/postgres-server.ts'
import { startPostgres } from '../servers/start-postgres.ts'

interface Subject extends AsyncDisposable {
  readonly store: SampleStore
}

interface Implementation {
  readonly name: string
  /** Of what the contract leaves open. */
  readonly has: readonly string[]
  make(): Promise<Subject>
}

async function sqliteSubject(thread: 'worker' | 'inline', versions?: string): Promise<Subject> {
  const database = openSqlite(':memory:', { thread })
  await database.run('CREATE TABLE sample (key TEXT PRIMARY KEY, name TEXT, count)')
  const store = sqliteTable<string, StoreSample>(database, {
    table: 'sample',
    key: 'key',
    columns: ['name', 'count'],
    ...(versions === undefined ? {} : { versions }),
    fromRow: ({ name, count }) => ({ name: String(name), count: Number(count) }),
  })
  return { store, [Symbol.asyncDispose]: () => database.close() }
}

/** Revisions are raised by the store alone, or by a trigger too. */
async function revisedSqliteSubject(trigger: string): Promise<Subject> {
  const database = openSqlite(':memory:')
  await database.run(
    'CREATE TABLE sample (key TEXT PRIMARY KEY, name TEXT, count, revision INTEGER)',
  )
  if (trigger !== '') await database.run(trigger)
  // A table of versions from before rows had revisions.
  await database.run(`CREATE TABLE versions ("of" TEXT NOT NULL, key NOT NULL, version INTEGER NOT NULL,
    epoch TEXT NOT NULL, PRIMARY KEY ("of", key)) WITHOUT ROWID`)
  const store = sqliteTable<string, StoreSample>(database, {
    table: 'sample',
    key: 'key',
    versions: 'versions',
    revision: 'revision',
  })
  return { store, [Symbol.asyncDispose]: () => database.close() }
}

const TRIGGER = `CREATE TRIGGER raised AFTER UPDATE ON sample WHEN new.revision = old.revision
  BEGIN UPDATE sample SET revision = old.revision + 1 WHERE key = old.key; END`
const TWICE = TRIGGER.replace('WHEN new.revision = old.revision', 'WHEN new.revision < 1000000')

const IMPLEMENTATIONS: Implementation[] = [
  {
    name: 'functions, with revisions',
    has: ['versions', 'conflicts'],
    make: async () => {
      const { store } = new RevisedRows<StoreSample>()
      return { store, async [Symbol.asyncDispose]() {} }
    },
  },
  { name: 'sqlite, inline', has: [], make: () => sqliteSubject('inline') },
  { name: 'sqlite, worker', has: [], make: () => sqliteSubject('worker') },
  {
    name: 'sqlite, with versions',
    has: ['versions'],
    make: () => sqliteSubject('worker', 'versions of "them"'),
  },
  ...[
    { by: 'the store', trigger: '' },
    { by: 'a trigger', trigger: TRIGGER },
    { by: 'a trigger too', trigger: TWICE },
  ].map(({ by, trigger }) => ({
    name: `sqlite, with revisions raised by ${by}`,
    has: ['versions', 'conflicts'],
    make: () => revisedSqliteSubject(trigger),
  })),
]

/** One server for all of them, and for each case a table of its own. */
let server: Promise<PostgresServer> | undefined
let tables = 0
afterAll(async () => {
  await (await server)?.[Symbol.asyncDispose]()
})

async function postgresSubject(
  driver: PostgresDriver,
  versions?: string,
  revision?: 'xmin',
): Promise<Subject> {
  server ??= startPostgres()
  const { client, end } = driver.open((await server).url)
  const ask = typeof client === 'function' ? client : client.query.bind(client)
  tables += 1
  const table = `sample ${tables}`
  await ask(`CREATE TABLE "${table}" (key text PRIMARY KEY, name text, count double precision)`, [])
  const store = postgresTable<string, StoreSample>(client, {
    table,
    key: 'key',
    columns: ['name', 'count'],
    ...(versions === undefined ? {} : { versions }),
    ...(revision === undefined ? {} : { revision }),
    fromRow: ({ name, count, ...others }) => ({
      ...(revision === undefined ? {} : others),
      name: String(name),
      count: Number(count),
    }),
  })
  return { store, [Symbol.asyncDispose]: end }
}

for (const driver of postgresDrivers) {
  IMPLEMENTATIONS.push(
    { name: driver.driver, has: [], make: () => postgresSubject(driver) },
    {
      name: `${driver.driver}, with versions`,
      has: ['versions'],
      make: () => postgresSubject(driver, 'versions of "them"'),
    },
    {
      name: `${driver.driver}, with revisions`,
      has: ['versions', 'conflicts'],
      make: () => postgresSubject(driver, 'versions of revised', 'xmin'),
    },
  )
}

const ofMongo = {
  fromDocument: ({ name, count }: MongoDocument) => ({ name: String(name), count: Number(count) }),
}

async function evaluatedSubject(key: string, versions?: string): Promise<Subject> {
  const collection = new EvaluatedCollection(key === '_id' ? [] : [key])
  const kept = versions === undefined ? {} : { versions }
  const store = mongoCollection<string, StoreSample>({ ...ofMongo, collection, key, ...kept })
  return { store, async [Symbol.asyncDispose]() {} }
}

let mongo: Promise<MongoServer> | undefined
afterAll(async () => {
  await (await mongo)?.[Symbol.asyncDispose]()
})

async function mongoSubject(url: string, key: string, versions?: string): Promise<Subject> {
  mongo ??= openMongo(url)
  const collection = await (await mongo).newCollection(key)
  const kept = versions === undefined ? {} : { versions }
  const store = mongoCollection<string, StoreSample>({ ...ofMongo, collection, key, ...kept })
  return { store, async [Symbol.asyncDispose]() {} }
}

for (const key of ['_id', 'sku']) {
  const kinds = [
    { name: key, has: [], versions: undefined },
    { name: `${key} and versions`, has: ['versions'], versions: 'cached' },
  ]
  for (const { name, has, versions } of kinds) {
    IMPLEMENTATIONS.push({
      name: `operations for mongodb, evaluated, ${name}`,
      has,
      make: () => evaluatedSubject(key, versions),
    })
    const url = MONGODB_URL
    if (url !== undefined) {
      const make = () => mongoSubject(url, key, versions)
      IMPLEMENTATIONS.push({ name: `mongodb, ${name}`, has, make })
    }
  }
}

test('the run says whether a MongoDB server was asked', () => {
  const told = toldOfMongo(MONGODB_URL)
  // To the terminal: what a test logs may be left out of a report of those that passed.
  process.stderr.write(`\n${told}\n`)
  const withServer = IMPLEMENTATIONS.filter(({ name }) => name.startsWith('mongodb, '))
  expect(withServer).toHaveLength(MONGODB_URL === undefined ? 0 : 4)
  expect(told).toContain(withServer.length === 0 ? 'was not run on a MongoDB server' : 'is run on')
})

describe.each(IMPLEMENTATIONS)('the store contract, $name', ({ has, make }) => {
  const cases = storeSuite.filter(({ needs }) => needs.every((need) => has.includes(need)))

  test('says whether it refuses older versions, and detects conflicts', async () => {
    await using subject = await make()
    expect(subject.store.fencing).toBe(has.includes('versions') ? 'versioned' : 'unfenced')
    expect(subject.store.conflicts).toBe(has.includes('conflicts') ? 'detected' : undefined)
  })

  test.each(cases.map((one) => [one.name, one] as const))('%s', async (_title, one) => {
    await using subject = await make()
    await one.run(subject.store)
  })
})
