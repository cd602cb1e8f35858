/** Batches as the store has answered them, the latest first. */

import type { JSX } from 'preact'
import type { BatchLine } from '../../api/wire.ts'
import { Badge, type Tone } from '../../parts/badge.tsx'
import { Empty } from '../../parts/notice.tsx'
import { Panel } from '../../parts/panel.tsx'
import { SmallTable } from '../../parts/small-table.tsx'
import { useShown } from '../../state/shown.ts'
import { asExact, asMs, asTime } from '../../words/figures.ts'

const linesMax = 15
const tones: Readonly<Record<BatchLine['state'], Tone>> = {
  applied: 'good',
  superseded: 'plain',
  retried: 'warn',
  dead: 'bad',
  away: 'bad',
  lost: 'bad',
}

export function BatchesPanel(): JSX.Element {
  const { batches } = useShown()
  return (
    <Panel title="Batches, live">
      {batches.length === 0 ? (
        <Empty title="None since this page was opened">
          What the source takes, refuses or misses appears here within a second.
        </Empty>
      ) : (
        <SmallTable
          name="Batches"
          heads={['Time', 'Of', 'State', 'Writes', 'Still waiting', 'Oldest']}
          texts={['Of', 'State']}
          rows={batches.slice(0, linesMax).map((line) => [
            asTime(line.at),
            <span key="of" class="name">
              {line.pattern}
            </span>,
            <Badge key="state" tone={tones[line.state]} title={line.error}>
              {line.state}
            </Badge>,
            asExact(line.count),
            asExact(line.waiting),
            line.waiting === 0 ? '' : asMs(line.oldestMs),
          ])}
        />
      )}
    </Panel>
  )
}
