/** Changes that were asked for through the admin API of this instance. */

import type { JSX } from 'preact'
import type { AuditLine } from '../../api/wire.ts'
import { Badge, type Tone } from '../../parts/badge.tsx'
import { Empty } from '../../parts/notice.tsx'
import { Panel } from '../../parts/panel.tsx'
import { SmallTable } from '../../parts/small-table.tsx'
import { useShown } from '../../state/shown.ts'
import { useEarlier } from '../../state/use-earlier.ts'
import { asTime } from '../../words/figures.ts'

const linesMax = 50
const tones: Readonly<Record<string, Tone>> = {
  done: 'good',
  begun: 'good',
  failed: 'bad',
  refused: 'bad',
}

export function AuditPanel(): JSX.Element {
  const { audits } = useShown()
  useEarlier('audits', 'audit', linesOf)
  return (
    <Panel title="Changes made by people" wide>
      {audits.length === 0 ? (
        <Empty title="None since this instance was started">
          Every change through this page, the admin API or the command line is told here, and to the
          service's own audit listener.
        </Empty>
      ) : (
        <SmallTable
          name="Changes"
          heads={['Time', 'What', 'Of', 'Names', 'By', 'Outcome']}
          texts={['What', 'Of', 'By', 'Outcome']}
          rows={audits.slice(0, linesMax).map((line) => [
            asTime(line.at),
            `${line.action} ${line.what}`.trim(),
            line.collection || 'the cache',
            String(line.count),
            `${line.role}, by ${line.via}`,
            <Badge key="outcome" tone={tones[line.outcome] ?? 'plain'}>
              {line.outcome}
            </Badge>,
          ])}
        />
      )}
    </Panel>
  )
}

function linesOf(lines: readonly AuditLine[]): readonly AuditLine[] {
  return lines
}
