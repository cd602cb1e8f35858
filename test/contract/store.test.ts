/** The store contract against every store there is. */

import { describe, expect, test } from 'vitest'
import { openSqlite } from '../../src/sqlite/sqlite-database.ts'
import { sqliteTable } from '../../src/sqlite/sqlite-table.ts'
import { type SampleStore, type StoreSample, storeSuite } from '../../src/testing/store-suite.ts'

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

const IMPLEMENTATIONS: readonly Implementation[] = [
  { name: 'sqlite, inline', has: [], make: () => sqliteSubject('inline') },
  { name: 'sqlite, worker', has: [], make: () => sqliteSubject('worker') },
  {
    name: 'sqlite, with versions',
    has: ['versions'],
    make: () => sqliteSubject('worker', 'versions of "them"'),
  },
]

describe.each(IMPLEMENTATIONS)('the store contract, $name', ({ has, make }) => {
  const cases = storeSuite.filter(({ needs }) => needs.every((need) => has.includes(need)))

  test('says whether it refuses older versions', async () => {
    await using subject = await make()
    expect(subject.store.fencing).toBe(has.includes('versions') ? 'versioned' : 'unfenced')
  })

  test.each(cases.map((one) => [one.name, one] as const))('%s', async (_title, one) => {
    await using subject = await make()
    await one.run(subject.store)
  })
})
