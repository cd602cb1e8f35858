/** Goes through the pages of a long table. */

import type { JSX } from 'preact'
import { asExact } from '../words/figures.ts'

export function Pager(props: {
  readonly name: string
  readonly page: number
  readonly pages: number
  readonly rows: number
  readonly choose: (page: number) => void
}): JSX.Element {
  const { page, pages, choose } = props
  return (
    <nav class="pager" aria-label={`Pages of ${props.name}`}>
      <button type="button" disabled={page === 0} onClick={() => choose(page - 1)}>
        Previous
      </button>
      <span role="status">
        Page {page + 1} of {pages} · {asExact(props.rows)} rows
      </span>
      <button type="button" disabled={page === pages - 1} onClick={() => choose(page + 1)}>
        Next
      </button>
    </nav>
  )
}
