/** Runs of warming, those under way with how far they have come. */

import type { JSX } from 'preact'
import type { WarmingLine } from '../../api/wire.ts'
import { Badge, type Tone } from '../../parts/badge.tsx'
import { Meter } from '../../parts/meter.tsx'
import { Empty } from '../../parts/notice.tsx'
import { Panel } from '../../parts/panel.tsx'
import { SmallTable } from '../../parts/small-table.tsx'
import { useShown } from '../../state/shown.ts'
import { useEarlier } from '../../state/use-earlier.ts'
import { asExact, asMs, asTime } from '../../words/figures.ts'

const linesMax = 30
const tones: Readonly<Record<string, Tone>> = {
  begun: 'plain',
  progress: 'plain',
  done: 'good',
  cancelled: 'warn',
  failed: 'bad',
  missed: 'bad',
}

export function WarmingRuns(): JSX.Element {
  const { warmings } = useShown()
  useEarlier('warmings', 'warmings', lastWords)
  return (
    <Panel title="Warming runs" wide>
      {warmings.length === 0 ? (
        <Empty title="Nothing was warmed yet">
          Runs at the start, by schedule, of hot keys, by forecast and by call appear here.
        </Empty>
      ) : (
        <SmallTable
          name="Warming runs"
          heads={[
            'Time',
            'Collection',
            'Why',
            'State',
            'Loaded',
            'Fresh',
            'Absent',
            'Failed',
            'Took',
          ]}
          texts={['Collection', 'Why', 'State']}
          rows={warmings.slice(0, linesMax).map((run) => [
            asTime(run.at),
            <span key="pattern" class="name">
              {run.pattern}
            </span>,
            run.reason,
            <RunState key="state" run={run} />,
            asExact(run.loaded),
            asExact(run.fresh),
            asExact(run.absent),
            asExact(run.failed),
            asMs(run.elapsedMs),
          ])}
        />
      )}
    </Panel>
  )
}

function RunState({ run }: { readonly run: WarmingLine }): JSX.Element {
  const isUnderWay = run.state === 'begun' || run.state === 'progress'
  if (!isUnderWay || !run.expected)
    return <Badge tone={tones[run.state] ?? 'plain'}>{run.state}</Badge>
  const seen = run.loaded + run.fresh + run.absent + run.failed
  return <Meter name={`Warming of ${run.pattern}`} share={Math.min(1, seen / run.expected)} />
}

/** The first line of a run that has ended is not told again: the last word of each stands. */
function lastWords(lines: readonly WarmingLine[]): readonly WarmingLine[] {
  return lines.filter(({ state }) => state !== 'begun' && state !== 'progress')
}
