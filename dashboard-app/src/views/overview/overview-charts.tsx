/** The last five minutes in four charts; they begin when the page is opened. */

import type { JSX } from 'preact'
import { useMemo } from 'preact/hooks'
import { LineChart } from '../../parts/line-chart.tsx'
import { answering, type Sample } from '../../state/sample.ts'
import { asMs, asPercent, asRate } from '../../words/figures.ts'

const nameOf = { memory: 'memory', shared: 'shared tier', source: 'source' } as const

export function OverviewCharts({ samples }: { readonly samples: readonly Sample[] }): JSX.Element {
  const times = useMemo(() => samples.map(({ at }) => at / 1_000), [samples])
  return (
    <div class="charts">
      <AnsweredBy samples={samples} times={times} />
      <HitRates samples={samples} times={times} />
      <ReadTimes samples={samples} times={times} />
      <Work samples={samples} times={times} />
    </div>
  )
}

interface Charted {
  readonly samples: readonly Sample[]
  readonly times: readonly number[]
}

/** Bands upon each other: the highest line is all reads, the uppermost band what reached the source. */
function AnsweredBy({ samples, times }: Charted): JSX.Element {
  const lines = useMemo(() => {
    const upTo = (count: number) =>
      samples.map(({ readsPerS }) =>
        answering.slice(0, count).reduce((sum, tier) => sum + readsPerS[tier], 0),
      )
    return answering
      .map((tier, index) => ({
        name: nameOf[tier],
        colour: tier,
        values: upTo(index + 1),
        band: true,
        latest: samples.at(-1)?.readsPerS[tier] ?? null,
      }))
      .reverse()
  }, [samples])
  return (
    <LineChart title="Reads a second, by who answered" times={times} lines={lines} show={asRate} />
  )
}

function HitRates({ samples, times }: Charted): JSX.Element {
  const lines = useMemo(
    () => [
      { name: 'all', colour: 'all', values: samples.map(({ hitRate }) => hitRate) },
      { name: 'memory', colour: 'memory', values: samples.map((one) => one.memoryHitRate) },
      { name: 'shared tier', colour: 'shared', values: samples.map((one) => one.sharedHitRate) },
    ],
    [samples],
  )
  return (
    <LineChart
      title="Hit rate, of what each was asked"
      times={times}
      lines={lines}
      show={asPercent}
      max={1}
    />
  )
}

function ReadTimes({ samples, times }: Charted): JSX.Element {
  const lines = useMemo(
    () =>
      answering.map((tier) => ({
        name: nameOf[tier],
        colour: tier,
        values: samples.map(({ readMs }) => readMs[tier]),
      })),
    [samples],
  )
  return (
    <LineChart
      title="A read takes, by who answered"
      times={times}
      lines={lines}
      show={asMs}
      scale="log"
    />
  )
}

function Work({ samples, times }: Charted): JSX.Element {
  const lines = useMemo(
    () => [
      { name: 'loads', colour: 'source', values: samples.map(({ loadsPerS }) => loadsPerS) },
      { name: 'invalidations', colour: 'all', values: samples.map((one) => one.invalidationsPerS) },
      { name: 'stale served', colour: 'warn', values: samples.map(({ stalePerS }) => stalePerS) },
      { name: 'failures', colour: 'bad', values: samples.map(({ failedPerS }) => failedPerS) },
    ],
    [samples],
  )
  return <LineChart title="Events a second" times={times} lines={lines} show={asRate} />
}
