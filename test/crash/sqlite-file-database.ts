/** An SQLite file as the database of a run. */

import { DatabaseSync } from 'node:sqlite'
import { setTimeout as pause } from 'node:timers/promises'
import { type CrashDatabase, type HistoryRows, stateOf } from './crash-database.ts'
import type { DatabaseState } from './judge.ts'
import { COLLECTIONS, type DatabasePlace, VERSIONS } from './messages.ts'

const LAYOUT = `
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = FULL;
  CREATE TABLE ${VERSIONS} ("of" TEXT NOT NULL, key NOT NULL, version INTEGER NOT NULL,
    epoch TEXT NOT NULL, PRIMARY KEY ("of", key)) WITHOUT ROWID;
  CREATE TABLE version_history (n INTEGER PRIMARY KEY AUTOINCREMENT, "of", key, version, epoch);
  CREATE TABLE row_history (n INTEGER PRIMARY KEY AUTOINCREMENT, "of", id, written);
  ${['INSERT', 'UPDATE']
    .map(
      (when) => `CREATE TRIGGER version_${when} AFTER ${when} ON ${VERSIONS} BEGIN
        INSERT INTO version_history ("of", key, version, epoch)
          VALUES (NEW."of", NEW.key, NEW.version, NEW.epoch); END;`,
    )
    .join('\n')}
  ${COLLECTIONS.map((table) => {
    const triggers = ['INSERT', 'UPDATE', 'DELETE'].map((when) => {
      const values = when === 'DELETE' ? 'OLD.id, NULL' : 'NEW.id, NEW.written'
      return `CREATE TRIGGER ${table}_${when} AFTER ${when} ON ${table} BEGIN
        INSERT INTO row_history ("of", id, written) VALUES ('${table}', ${values}); END;`
    })
    return `CREATE TABLE ${table} (id TEXT PRIMARY KEY, written TEXT NOT NULL);\n${triggers.join('\n')}`
  }).join('\n')}`

export class SqliteFileDatabase implements CrashDatabase {
  readonly #path: string

  /** Makes the file. */
  constructor(path: string) {
    this.#path = path
    const db = this.#open()
    db.exec(LAYOUT)
    db.close()
  }

  get place(): DatabasePlace {
    return { kind: 'sqlite', path: this.#path }
  }

  /** Nobody else writes meanwhile. */
  async lockFor(ms: number): Promise<void> {
    const db = this.#open()
    try {
      db.exec('BEGIN IMMEDIATE')
      await pause(ms)
      db.exec('ROLLBACK')
    } finally {
      db.close()
    }
  }

  async read(): Promise<DatabaseState> {
    const db = this.#open()
    try {
      const all = <Row>(sql: string): Row => db.prepare(sql).all() as Row
      const rows = COLLECTIONS.map((of) => `SELECT '${of}' AS "of", id, written FROM ${of}`)
      return stateOf({
        rows: all<HistoryRows['rows']>(rows.join(' UNION ALL ')),
        versions: all<HistoryRows['versions']>('SELECT * FROM version_history ORDER BY n'),
        changes: all<HistoryRows['changes']>('SELECT * FROM row_history ORDER BY n'),
      })
    } finally {
      db.close()
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {}

  #open(): DatabaseSync {
    return new DatabaseSync(this.#path, { timeout: 5000 })
  }
}
