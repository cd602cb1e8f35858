/** The source of a replay: rows of an SQLite file, and a count of what is asked of them. */

import type { Source } from 'tiercel'
import { openSqlite, sqliteTable } from 'tiercel/sqlite'

export interface ItemRow {
  readonly id: string
  readonly body: string
}

export interface CountedSource extends AsyncDisposable {
  readonly source: Source<string, ItemRow>
  /** Makes the rows of these keys, where there is none yet. */
  readonly makeRows: (keys: readonly string[]) => Promise<void>
  readonly countRows: () => Promise<number>
  /** How many keys the cache has asked for so far. */
  readonly keysAsked: () => number
}

/** With the key, a row of about 200 bytes. */
const padding = 'a table lamp with a shade of linen '.repeat(6).slice(0, 190)

/** Opens a new file; its table is empty. */
export async function countedSource(path: string): Promise<CountedSource> {
  const database = openSqlite(path)
  await database.run('CREATE TABLE item (id TEXT PRIMARY KEY, body TEXT NOT NULL) WITHOUT ROWID')
  const table = sqliteTable<string, ItemRow>(database, { table: 'item', key: 'id' })
  let asked = 0
  return {
    source: {
      loadMany: (keys, context) => {
        asked += keys.length
        if (table.loadMany === undefined) throw new Error('The table cannot load.')
        return table.loadMany(keys, context)
      },
    },
    makeRows: async (keys) => {
      await database.run(
        `INSERT OR IGNORE INTO item (id, body) SELECT value, value || ' ' || ?2 FROM json_each(?1)`,
        [JSON.stringify([...new Set(keys)]), padding],
      )
    },
    countRows: async () => {
      const [row] = await database.all<{ count: number }>('SELECT count(*) AS count FROM item')
      return row?.count ?? 0
    },
    keysAsked: () => asked,
    [Symbol.asyncDispose]: () => database.close(),
  }
}
