/** Every pattern with its figures and a verdict: which one costs, why, and what helps. */

import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import type { PatternLine } from '../api/wire.ts'
import { DataTable } from '../parts/data-table.tsx'
import { Choice, TextField } from '../parts/field.tsx'
import { Empty, Waiting } from '../parts/notice.tsx'
import { usePolled } from '../state/use-polled.ts'
import { asExact } from '../words/figures.ts'
import { patternColumns } from './patterns/pattern-columns.tsx'
import { PatternDetail } from './patterns/pattern-detail.tsx'

const everyMs = 5_000
const grades = [
  ['', 'Any verdict'],
  ['poor', 'Below good'],
  ['excellent', 'Excellent'],
  ['good', 'Good'],
  ['fair', 'Fair'],
  ['low', 'Low'],
  ['unknown', 'Too few reads'],
] as const

export function PatternsView({ query }: { readonly query: URLSearchParams }): JSX.Element {
  const pattern = query.get('pattern')
  if (pattern !== null) return <PatternDetail pattern={pattern} />
  return <PatternList query={query} />
}

function PatternList({ query }: { readonly query: URLSearchParams }): JSX.Element {
  const patterns = usePolled<readonly PatternLine[]>('patterns', everyMs)
  const [filter, setFilter] = useState(query.get('filter') ?? '')
  const [grade, setGrade] = useState('')
  const all = patterns.value ?? []
  const rows = all.filter((line) => isWanted(line, filter, grade))
  return (
    <div class="stack">
      <search class="toolbar">
        <TextField
          label="Filter by name"
          type="search"
          value={filter}
          change={setFilter}
          placeholder="product"
          isSearch
        />
        <Choice label="Verdict" value={grade} change={setGrade} options={grades} />
        <p class="muted toolbar-note" role="status">
          {asExact(rows.length)} of {asExact(all.length)} patterns
        </p>
      </search>
      <Waiting what="patterns" polled={patterns} />
      {patterns.value === undefined ? null : rows.length > 0 ? (
        <DataTable
          name="patterns"
          columns={patternColumns}
          rows={rows}
          rowKey={({ pattern }) => pattern}
          order={{ column: 'reads', down: true }}
        />
      ) : (
        <NoPatterns isFiltered={all.length > 0} />
      )}
    </div>
  )
}

function NoPatterns({ isFiltered }: { readonly isFiltered: boolean }): JSX.Element {
  return isFiltered ? (
    <Empty title="No pattern is like that">Change the filter, or the verdict.</Empty>
  ) : (
    <Empty title="Nothing was read yet">
      Patterns appear with the first reads: one for each collection, and those that are learned from
      plain keys.
    </Empty>
  )
}

function isWanted(line: PatternLine, filter: string, grade: string): boolean {
  if (!line.pattern.toLowerCase().includes(filter.trim().toLowerCase())) return false
  const { verdict } = line
  if (grade === '') return true
  if (grade === 'poor') return verdict === 'fair' || verdict === 'low'
  return verdict === grade
}
