/**
 * What SQLite says of itself at each commit of a shared tier that takes a write for later: asked on the
 * connection that commits, in the moment before it does.
 */

import { type DatabaseSync, StatementSync } from 'node:sqlite'
import { createCache } from '../../src/index.ts'
import { openSqlite, sqliteTable, sqliteTier } from '../../src/sqlite/index.ts'

/** FULL, as SQLite counts. */
export const FULL = 2

/** Answers `PRAGMA synchronous` of each commit that put a write into the queue of the file at `path`. */
export async function probeSynchronous(path: string): Promise<readonly number[]> {
  const { DatabaseSync } = process.getBuiltinModule('node:sqlite')
  const levels: number[] = []
  const owners = new WeakMap<StatementSync, DatabaseSync>()
  const { prepare } = DatabaseSync.prototype
  const { run } = StatementSync.prototype
  let queued = false
  let done = false
  DatabaseSync.prototype.prepare = function (...input: Parameters<DatabaseSync['prepare']>) {
    const statement = prepare.apply(this, input)
    owners.set(statement, this)
    return statement
  }
  StatementSync.prototype.run = function (this: StatementSync, ...params: never[]) {
    const db = owners.get(this)
    if (!done && /^INSERT INTO [^ (]*pending/i.test(this.sourceSQL.trim())) queued = true
    if (this.sourceSQL === 'COMMIT' && db !== undefined && queued) {
      queued = false
      levels.push(Number(prepare.call(db, 'PRAGMA synchronous').get()?.['synchronous']))
    }
    return (run as (...params: never[]) => ReturnType<StatementSync['run']>).apply(this, params)
  } as StatementSync['run']
  try {
    await putSome(path, () => {
      queued = false
      done = true
    })
  } finally {
    DatabaseSync.prototype.prepare = prepare
    StatementSync.prototype.run = run
  }
  return levels
}

async function putSome(path: string, taken: () => void): Promise<void> {
  await using database = openSqlite(':memory:')
  await database.run('CREATE TABLE things (id TEXT PRIMARY KEY, written TEXT)')
  // On this thread, where it can be asked; a worker hosts the same engine.
  await using cache = createCache({ name: 'probe', shared: sqliteTier(path, { thread: 'inline' }) })
  const things = cache.collection<string, { readonly written: string }>('things', {
    store: sqliteTable(database, { table: 'things', key: 'id', versions: 'versions' }),
    write: { put: 'behind', remove: 'behind' },
    behind: { delay: '1m' },
  })
  for (let n = 0; n < 10; n += 1) await things.put(`k${n}`, { written: String(n) })
  await things.remove('k1')
  // From here on they are carried out, and what is noted of that is noted again if it is lost.
  taken()
  await things.flush()
}
