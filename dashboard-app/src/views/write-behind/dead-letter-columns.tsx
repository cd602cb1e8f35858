/** What the table of dead letters shows of each, and what can be done with it. */

import type { DeadLetterLine } from '../../api/wire.ts'
import { ChangeButton } from '../../parts/change-button.tsx'
import type { Column } from '../../parts/data-table.tsx'
import { asDistance, asExact, asTime } from '../../words/figures.ts'

export function deadLetterColumns(actions: {
  readonly isBusy: boolean
  readonly retry: (line: DeadLetterLine) => void
  readonly drop: (line: DeadLetterLine) => void
}): readonly Column<DeadLetterLine>[] {
  return [
    {
      id: 'key',
      title: 'Key',
      cell: ({ key }) => <span class="name">{key}</span>,
      sortBy: ({ key }) => key,
    },
    { id: 'kind', title: 'Write', cell: ({ kind }) => kind, sortBy: ({ kind }) => kind },
    { id: 'error', title: 'Why', cell: ({ error }) => <span class="words">{error}</span> },
    {
      id: 'attempts',
      title: 'Tries',
      figures: true,
      cell: ({ attempts }) => asExact(attempts),
      sortBy: ({ attempts }) => attempts,
    },
    {
      id: 'died',
      title: 'Given up',
      figures: true,
      cell: ({ diedAt }) => <span title={asTime(diedAt)}>{asDistance(diedAt)}</span>,
      sortBy: ({ diedAt }) => diedAt,
    },
    {
      id: 'actions',
      title: 'Actions',
      cell: (line) => (
        <span class="row-actions">
          <ChangeButton
            disabled={actions.isBusy}
            label={`Try again: ${line.key}`}
            press={() => actions.retry(line)}
          >
            Try again
          </ChangeButton>
          <ChangeButton
            kind="danger"
            disabled={actions.isBusy}
            label={`Drop: ${line.key}`}
            press={() => actions.drop(line)}
          >
            Drop
          </ChangeButton>
        </span>
      ),
    },
  ]
}
