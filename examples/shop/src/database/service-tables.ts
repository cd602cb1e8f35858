import type { ColumnTypes, InsertTrigger } from './schema.ts'

/** The tables of one service, with the rows that they begin with; `seed.ts` makes them once. */
export interface ServiceTables {
  /** Of a row in `counters` that is written last: with it, the tables are there and filled. */
  readonly counter: string
  /** The id that the shop gives next, where it gives any. */
  readonly nextId: number
  readonly tables: (types: ColumnTypes) => readonly string[]
  readonly samples: () => readonly SampleTable[]
  /** Statements for after the rows: indexes, and rows that follow from others. */
  readonly finish: readonly string[]
  readonly triggers?: readonly InsertTrigger[]
}

export interface SampleTable {
  readonly table: string
  /** Spelled like the fields of the rows, quoted where they have capitals. */
  readonly columns: readonly string[]
  readonly rows: readonly object[]
}
