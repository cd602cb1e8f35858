/**
 * A table that is sorted, and shown page by page: 500 rows, each drawn anew every few seconds, would be
 * slow on a phone, and nobody reads them. On a narrow screen each row becomes a card.
 */

import type { ComponentChildren, JSX } from 'preact'
import { useState } from 'preact/hooks'
import { Pager } from './pager.tsx'

/** Written out, since a table that is laid out as something else loses them. */
const roles = {
  table: 'table',
  rowgroup: 'rowgroup',
  row: 'row',
  columnheader: 'columnheader',
  cell: 'cell',
} as const

export interface Column<Row> {
  readonly id: string
  readonly title: string
  /** Explains the column to whoever points at it. */
  readonly hint?: string
  readonly figures?: boolean
  readonly cell: (row: Row) => ComponentChildren
  /** Makes it sortable. `null` comes last, however it is sorted. */
  readonly sortBy?: (row: Row) => number | string | null
}

export interface Order {
  readonly column: string
  readonly down: boolean
}

export interface DataTableProps<Row> {
  /** Read out as the name of the table. */
  readonly name: string
  readonly columns: readonly Column<Row>[]
  readonly rows: readonly Row[]
  readonly rowKey: (row: Row) => string
  readonly order?: Order
  readonly pageSize?: number
}

export function DataTable<Row>(props: DataTableProps<Row>): JSX.Element {
  const { rows, columns, pageSize = 50 } = props
  const [order, setOrder] = useState(props.order)
  const [page, setPage] = useState(0)
  const pages = Math.max(1, Math.ceil(rows.length / pageSize))
  const at = Math.min(page, pages - 1)
  const seen = sorted(rows, columns, order).slice(at * pageSize, (at + 1) * pageSize)
  return (
    <div class="table-box">
      <SortChoice columns={columns} order={order} choose={setOrder} name={props.name} />
      <table role={roles.table} aria-label={props.name}>
        <thead role={roles.rowgroup}>
          <tr role={roles.row}>
            {columns.map((column) => (
              <Head key={column.id} column={column} order={order} choose={setOrder} />
            ))}
          </tr>
        </thead>
        <tbody role={roles.rowgroup}>
          {seen.map((row) => (
            <tr role={roles.row} key={props.rowKey(row)}>
              {columns.map((column) => (
                <td
                  role={roles.cell}
                  key={column.id}
                  class={column.figures ? 'figures' : ''}
                  data-title={column.title}
                >
                  {column.cell(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {pages > 1 ? (
        <Pager name={props.name} page={at} pages={pages} rows={rows.length} choose={setPage} />
      ) : null}
    </div>
  )
}

interface Choosing<Row> {
  readonly order: Order | undefined
  readonly choose: (order: Order) => void
  readonly column: Column<Row>
}

function Head<Row>({ column, order, choose }: Choosing<Row>): JSX.Element {
  const { id, title, hint, figures, sortBy } = column
  const isChosen = order?.column === id
  const direction = order?.down ? 'descending' : 'ascending'
  return (
    <th
      role={roles.columnheader}
      scope="col"
      class={figures ? 'figures' : ''}
      aria-sort={isChosen ? direction : undefined}
      title={hint}
    >
      {sortBy === undefined ? (
        title
      ) : (
        <button
          type="button"
          class="sort"
          onClick={() => choose({ column: id, down: isChosen ? !order.down : figures === true })}
        >
          {title}
          <span class="sort-mark" aria-hidden="true">
            {isChosen ? (order.down ? '▼' : '▲') : ''}
          </span>
        </button>
      )}
    </th>
  )
}

/** Cards have no heads to press; this stands above them, on narrow screens alone. */
function SortChoice<Row>(props: {
  readonly name: string
  readonly columns: readonly Column<Row>[]
  readonly order: Order | undefined
  readonly choose: (order: Order) => void
}): JSX.Element | null {
  const sortable = props.columns.filter(({ sortBy }) => sortBy !== undefined)
  if (sortable.length === 0) return null
  return (
    <label class="sort-choice">
      Sort by{' '}
      <select
        aria-label={`Sort ${props.name} by`}
        value={props.order?.column}
        onChange={({ currentTarget: { value } }) => {
          const chosen = sortable.find(({ id }) => id === value)
          props.choose({ column: value, down: chosen?.figures === true })
        }}
      >
        {sortable.map(({ id, title }) => (
          <option key={id} value={id}>
            {title}
          </option>
        ))}
      </select>
    </label>
  )
}

function sorted<Row>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  order: Order | undefined,
): readonly Row[] {
  const by = columns.find(({ id }) => id === order?.column)?.sortBy
  if (by === undefined || order === undefined) return rows
  const sign = order.down ? -1 : 1
  return rows
    .map((row) => ({ row, value: by(row) }))
    .sort((one, other) => {
      if (one.value === null || other.value === null) {
        return Number(one.value === null) - Number(other.value === null)
      }
      if (one.value === other.value) return 0
      return one.value < other.value ? -sign : sign
    })
    .map(({ row }) => row)
}
