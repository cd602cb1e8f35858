/** Upserts into an SQLite file without a cache, in this thread: a commit for each, or one for a tick. */

import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { Item } from '../item.ts'
import type { Writer } from './writer.ts'
import { changedItem, columns, createStatement, upsertStatement } from './written-table.ts'

export interface BareSqlite {
  /** A commit for each write. */
  readonly alone: Writer['write']
  /** One commit for all writes of a turn of the event loop. */
  readonly together: Writer['write']
  /** One commit. */
  readonly writeAll: (items: readonly Item[]) => void
  readonly close: () => void
}

/** In `folder`, in a file of its own; a commit is on the disk before it is answered. */
export function openBareSqlite(folder: string): BareSqlite {
  const database = new DatabaseSync(join(folder, 'bare.db'))
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL')
  database.exec(createStatement('products'))
  const places = columns.map(() => '?')
  const upsert = database.prepare(upsertStatement('products', `VALUES (${places.join(', ')})`))
  const run = ({ id, name, description, priceCents, available }: Item): void => {
    upsert.run(id, name, description, priceCents, available ? 1 : 0)
  }
  const writeAll = (items: readonly Item[]): void => {
    database.exec('BEGIN IMMEDIATE')
    for (const one of items) run(one)
    database.exec('COMMIT')
  }
  let waiting: Item[] = []
  let committed: Promise<void> | undefined
  const commitLater = (): Promise<void> =>
    new Promise((resolve, reject) => {
      setImmediate(() => {
        const items = waiting
        waiting = []
        committed = undefined
        try {
          writeAll(items)
          resolve()
        } catch (error) {
          reject(error)
        }
      })
    })
  return {
    alone: async (id, turn) => run(changedItem(id, turn)),
    together: (id, turn) => {
      waiting.push(changedItem(id, turn))
      committed ??= commitLater()
      return committed
    },
    writeAll,
    close: () => database.close(),
  }
}
