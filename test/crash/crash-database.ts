/** The database of a run, which keeps a history of what it took, by triggers of its own. */

import type { DatabaseState } from './judge.ts'
import type { DatabasePlace } from './messages.ts'

export interface CrashDatabase extends AsyncDisposable {
  readonly place: DatabasePlace
  /** All that it holds, and ever held. */
  read(): Promise<DatabaseState>
}

/** As a query answers them, in order. */
export interface HistoryRows {
  readonly rows: readonly { readonly of: string; readonly id: string; readonly written: string }[]
  readonly versions: readonly {
    readonly of: string
    readonly key: string
    readonly version: number | string
    readonly epoch: string
  }[]
  readonly changes: readonly {
    readonly of: string
    readonly id: string
    readonly written: string | null
  }[]
}

export function stateOf({ rows, versions, changes }: HistoryRows): DatabaseState {
  return {
    rows: rows.map(({ of, id, written }) => ({ key: `${of}/${id}`, written })),
    versions: versions.map(({ of, key, version, epoch }) => ({
      key: `${of}/${key}`,
      number: Number(version),
      epoch,
    })),
    changes: changes.map(({ of, id, written }) => ({
      key: `${of}/${id}`,
      written: written ?? undefined,
    })),
  }
}
