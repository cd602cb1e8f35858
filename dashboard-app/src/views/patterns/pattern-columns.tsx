/** What the table of patterns shows of each. */

import type { JSX } from 'preact'
import type { PatternLine } from '../../api/wire.ts'
import { Badge, toneOfGrade } from '../../parts/badge.tsx'
import type { Column } from '../../parts/data-table.tsx'
import { Prose } from '../../parts/prose.tsx'
import { addressOf } from '../../state/route.ts'
import { asCount, asExact, asMs, asPercent } from '../../words/figures.ts'

/** The worst first, where a person sorts by verdict. */
const rankOf = { low: 0, fair: 1, good: 2, excellent: 3, unknown: 4 } as const

export const patternColumns: readonly Column<PatternLine>[] = [
  {
    id: 'pattern',
    title: 'Pattern',
    cell: ({ pattern }) => (
      <a class="name" href={addressOf('patterns', { pattern })}>
        {pattern}
      </a>
    ),
    sortBy: ({ pattern }) => pattern,
  },
  {
    id: 'reads',
    title: 'Reads',
    figures: true,
    cell: ({ total }) => <span title={asExact(total)}>{asCount(total)}</span>,
    sortBy: ({ total }) => total,
  },
  {
    id: 'hit-rate',
    title: 'Hit rate',
    figures: true,
    cell: ({ hitRate }) => asPercent(hitRate),
    sortBy: ({ hitRate }) => hitRate,
  },
  {
    id: 'misses',
    title: 'Misses',
    figures: true,
    cell: ({ misses }) => <span title={asExact(misses)}>{asCount(misses)}</span>,
    sortBy: ({ misses }) => misses,
  },
  {
    id: 'latency',
    title: 'Average',
    hint: 'Of all reads, whoever answered',
    figures: true,
    cell: ({ averageLatencyMs }) => asMs(averageLatencyMs),
    sortBy: ({ averageLatencyMs }) => averageLatencyMs,
  },
  {
    id: 'workload',
    title: 'Workload',
    hint: 'As its owner has declared it; without one it is judged as read-heavy',
    cell: ({ workload }) => workload ?? <span class="muted">not declared</span>,
    sortBy: ({ workload }) => workload,
  },
  {
    id: 'verdict',
    title: 'Verdict',
    cell: (line) => <VerdictCell line={line} />,
    sortBy: ({ verdict }) => rankOf[verdict],
  },
]

function VerdictCell({ line }: { readonly line: PatternLine }): JSX.Element {
  const words = [line.advice, line.contradiction].filter((text) => text !== '')
  return (
    <div class="verdict">
      <Badge tone={toneOfGrade[line.verdict]}>
        {line.verdict === 'unknown' ? 'too few reads' : line.verdict}
      </Badge>
      {words.map((text) => (
        <p key={text} class="small">
          <Prose text={text} />
        </p>
      ))}
    </div>
  )
}
