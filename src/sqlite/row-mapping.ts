/** From values to rows of a table, and to the revisions that they were read with. Used by `sqliteTable`. */

import type { CacheKey, StoreWrite } from '../contracts/source.ts'
import type { SqliteValue } from './database-call.ts'
import { rowOfValue } from './row-of-value.ts'
import { baseText } from './row-revision.ts'

type Row = Readonly<Record<string, SqliteValue>>

interface MappedTable {
  readonly key: string
  readonly columns: readonly string[]
  /** The column of the revision; `undefined`: rows have none. */
  readonly revision: string | undefined
}

/** How values become rows. */
export interface RowMapping<K, V> {
  /** Without the revision, which the store writes by itself. */
  readonly rowOf: (value: V, key: K) => Row
  /** As text; `undefined`: rows have none. */
  readonly baseOf: (value: V | undefined, key: K) => string | undefined
}

export function mappingOf<K extends CacheKey, V>(
  { columns, key: keyColumn, revision }: MappedTable,
  toRow: ((value: V, key: K) => Row) | undefined,
): RowMapping<K, V> {
  const written = columns.filter((column) => column !== revision)
  return {
    rowOf(value, key) {
      const row = { ...(toRow?.(value, key) ?? rowOfValue(value, written)), [keyColumn]: key }
      if (revision === undefined) return row
      const { [revision]: _, ...others } = row
      return others
    },
    baseOf(value, key) {
      if (revision === undefined) return undefined
      const row: unknown = value === undefined ? undefined : (toRow?.(value, key) ?? value)
      return baseText((row as Record<string, unknown> | null | undefined)?.[revision])
    },
  }
}

/** Kept of every write, so that the next one on the same base is known to follow it. */
export function baseOfWrite<K, V>(
  write: StoreWrite<K, V>,
  baseOf: RowMapping<K, V>['baseOf'],
): string | undefined {
  switch (write.kind) {
    case 'create':
      return baseOf(undefined, write.key)
    case 'put':
      return baseOf(write.base === undefined ? write.value : write.base.value, write.key)
    case 'remove':
      return undefined
    default:
      return write satisfies never
  }
}
