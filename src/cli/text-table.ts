import { plainText } from './plain-text.ts'

export interface Column {
  readonly title: string
  /** @default 'left' */
  readonly align?: 'left' | 'right'
  /** What is wider is cut off. */
  readonly most?: number
}

/** Lines of a table, without borders; its cells are made safe for a terminal. No rows: no lines. */
export function textTable(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
): readonly string[] {
  if (rows.length === 0) return []
  const cells = rows.map((row) =>
    columns.map(({ most }, at) => cut(plainText(row[at] ?? ''), most)),
  )
  const widths = columns.map(({ title }, at) =>
    Math.max(title.length, ...cells.map((row) => row[at]?.length ?? 0)),
  )
  const line = (row: readonly string[]): string =>
    columns
      .map(({ align }, at) => {
        const width = widths[at] ?? 0
        return align === 'right' ? (row[at] ?? '').padStart(width) : (row[at] ?? '').padEnd(width)
      })
      .join('  ')
      .trimEnd()
  return [line(columns.map(({ title }) => title)), ...cells.map(line)]
}

function cut(text: string, most = Number.POSITIVE_INFINITY): string {
  return text.length <= most ? text : `${text.slice(0, most - 1)}…`
}
