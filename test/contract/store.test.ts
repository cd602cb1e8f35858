/** The store contract against every store there is. */

import { describe, expect, test } from 'vitest'
import { openSqlite } from '../../src/sqlite/sqlite-database.ts'
import { sqliteTable } from '../../src/sqlite/sqlite-table.ts'
import { type SampleStore, type StoreSample, storeSuite } from '../../src/testing/store-suite.ts'

interface Subject extends AsyncDisposable {
  readonly store: SampleStore
}

async function sqliteSubject(thread: 'worker' | 'inline'): Promise<Subject> {
  const database = openSqlite(':memory:', { thread })
  await database.run('CREATE TABLE sample (key TEXT PRIMARY KEY, name TEXT, count)')
  const store = sqliteTable<string, StoreSample>(database, {
    table: 'sample',
    key: 'key',
    columns: ['name', 'count'],
    fromRow: ({ name, count }) => ({ name: String(name), count: Number(count) }),
  })
  return { store, [Symbol.asyncDispose]: () => database.close() }
}

const IMPLEMENTATIONS: readonly (readonly [name: string, make: () => Promise<Subject>])[] = [
  ['sqlite, inline', () => sqliteSubject('inline')],
  ['sqlite, worker', () => sqliteSubject('worker')],
]

describe.each(IMPLEMENTATIONS)('the store contract, %s', (_name, make) => {
  test.each(storeSuite.map((one) => [one.name, one] as const))('%s', async (_title, one) => {
    expect(one.needs).toEqual([])
    await using subject = await make()
    await one.run(subject.store)
  })
})
