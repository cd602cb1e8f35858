/** A few rows of text and figures; the first column names the row. */

import type { ComponentChildren, JSX } from 'preact'

interface SmallTableProps {
  readonly name: string
  readonly heads: readonly string[]
  /** Columns that hold text, beside the first; figures stand on the right. */
  readonly texts?: readonly string[]
  readonly rows: readonly (readonly ComponentChildren[])[]
}

export function SmallTable(props: SmallTableProps): JSX.Element {
  const { heads, texts = [] } = props
  const sideOf = (index: number): string =>
    index === 0 || texts.includes(heads[index] ?? '') ? '' : 'figures'
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard.
    <section class="small-table-box" tabIndex={0} aria-label={props.name}>
      <table class="small-table" aria-label={props.name}>
        <thead>
          <tr>
            {heads.map((head, index) => (
              <th key={head} scope="col" class={sideOf(index)}>
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {props.rows.map((cells, row) => (
            <tr key={row}>
              {cells.map((cell, index) =>
                index === 0 ? (
                  <th key={heads[index]} scope="row">
                    {cell}
                  </th>
                ) : (
                  <td key={heads[index]} class={sideOf(index)}>
                    {cell}
                  </td>
                ),
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}
