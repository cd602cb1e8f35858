/** What the next hour is expected to read, and how good such forecasts were, beside two plain guesses. */

import type { JSX } from 'preact'
import type { ForecastLine, ForecastReport } from '../../api/wire.ts'
import { Badge } from '../../parts/badge.tsx'
import { LineChart } from '../../parts/line-chart.tsx'
import { Empty, Waiting } from '../../parts/notice.tsx'
import { Panel } from '../../parts/panel.tsx'
import { SmallTable } from '../../parts/small-table.tsx'
import { usePolled } from '../../state/use-polled.ts'
import { asBytes, asPercent, asRate, asTime } from '../../words/figures.ts'

const keysMax = 10
const hoursMax = 6

export function ForecastPanels(): JSX.Element {
  const forecasts = usePolled<readonly ForecastLine[]>(`forecasts?keys=${keysMax}`, 30_000)
  const lines = forecasts.value ?? []
  return (
    <>
      <Waiting what="forecasts" polled={forecasts} />
      {forecasts.value !== undefined && lines.length === 0 ? (
        <Panel title="Forecasts">
          <Empty title="No collection forecasts">
            With <code>warm.predict</code> the keys of the next hour are learned, and loaded before
            it begins while that is worth it.
          </Empty>
        </Panel>
      ) : null}
      {lines.map((line) => (
        <ForecastPanel key={line.collection} line={line} />
      ))}
    </>
  )
}

function ForecastPanel({ line }: { readonly line: ForecastLine }): JSX.Element {
  const { collection, forecast } = line
  if (forecast === null) {
    return (
      <Panel title={`Forecast of ${collection}`} wide>
        <Empty title="Not there yet">
          What was learned before comes from the shared tier, which has not told it yet.
        </Empty>
      </Panel>
    )
  }
  return (
    <Panel title={`Forecast of ${collection}`} wide aside={<Standing forecast={forecast} />}>
      <div class="columns">
        <PastHours name={collection} forecast={forecast} />
        <NextHour name={collection} forecast={forecast} />
      </div>
    </Panel>
  )
}

function Standing({ forecast: { on, hours } }: { readonly forecast: ForecastReport }): JSX.Element {
  if (on) return <Badge tone="good">carried out</Badge>
  return <Badge tone="plain">{hours < 24 ? `learning, hour ${hours} of 24` : 'judged only'}</Badge>
}

interface Named {
  readonly name: string
  readonly forecast: ForecastReport
}

/** What came against what was forecast: recall is the share of the reads that could be met. */
function PastHours({ name, forecast: { past } }: Named): JSX.Element {
  if (past.length === 0) {
    return <Empty title="No hour was compared yet">The first is when this hour has ended.</Empty>
  }
  const hours = past.toReversed()
  const recall = (of: (hour: (typeof past)[number]) => number) => hours.map(of)
  return (
    <div>
      <LineChart
        title="Share of the reads that were met (recall)"
        times={hours.map(({ startsAt }) => startsAt / 1_000)}
        lines={[
          { name: 'forecast', colour: 'memory', values: recall((hour) => hour.forecast.recall) },
          { name: 'last hour', colour: 'source', values: recall((hour) => hour.lastHour.recall) },
          { name: 'steady', colour: 'shared', values: recall((hour) => hour.steady.recall) },
        ]}
        show={asPercent}
        max={1}
      />
      <SmallTable
        name={`Forecasts of ${name} against what came`}
        heads={['Hour', 'Recall', 'Precision', 'Last hour', 'Steady']}
        rows={past
          .slice(0, hoursMax)
          .map((hour) => [
            asTime(hour.startsAt),
            asPercent(hour.forecast.recall),
            asPercent(hour.forecast.precision),
            asPercent(hour.lastHour.recall),
            asPercent(hour.steady.recall),
          ])}
      />
    </div>
  )
}

function NextHour({ name, forecast: { expected, startsAt, sizeBytes } }: Named): JSX.Element {
  if (expected.length === 0) {
    return <Empty title="Nothing is expected yet">An hour has to be seen first.</Empty>
  }
  return (
    <div>
      <h3>The keys that {asTime(startsAt)} is expected to read most</h3>
      <SmallTable
        name={`Keys expected of ${name}`}
        heads={['Key', 'Reads']}
        rows={expected.map(({ key, reads }) => [
          <span key="key" class="name">
            {key}
          </span>,
          asRate(reads),
        ])}
      />
      <p class="muted small">Memory held: {asBytes(sizeBytes)}.</p>
    </div>
  )
}
