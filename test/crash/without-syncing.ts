/**
 * For a control: from now on, SQLite in this thread waits for no disk, whatever it is told. It shows
 * that the power cuts here take what was not synced.
 */

import { DatabaseSync } from 'node:sqlite'

export function withoutSyncing(): void {
  const exec = DatabaseSync.prototype.exec
  DatabaseSync.prototype.exec = function (sql: string) {
    return exec.call(this, sql.replace(/PRAGMA synchronous = \w+/, 'PRAGMA synchronous = OFF'))
  }
}
