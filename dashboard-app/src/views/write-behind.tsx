/** Writes that wait for the source: how many, for how long, and those that were given up. */

import type { JSX } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import type { QueueLine } from '../api/wire.ts'
import { Empty, Waiting } from '../parts/notice.tsx'
import { Panel } from '../parts/panel.tsx'
import { useShown } from '../state/shown.ts'
import { usePolled } from '../state/use-polled.ts'
import { BatchesPanel } from './write-behind/batches-panel.tsx'
import { DeadLetters } from './write-behind/dead-letters.tsx'
import { QueueCard } from './write-behind/queue-card.tsx'
import { WaitingCharts } from './write-behind/waiting-chart.tsx'

export function WriteBehindView(): JSX.Element {
  const { stats, samples, batches } = useShown()
  const queues = usePolled<readonly QueueLine[]>('queues', 5_000)
  const [chosen, setChosen] = useState<string>()
  const { reload } = queues

  // A queue has told something: what stands here is of before it.
  const told = batches[0]
  useEffect(() => {
    if (told !== undefined) reload()
  }, [told, reload])

  const lines = queues.value ?? []
  const ill = lines.find(({ deadLetters }) => (deadLetters ?? 0) > 0)?.collection
  const open = chosen ?? ill

  // Once open it stays open: what became of a letter is told there, when there is none any more.
  useEffect(() => {
    if (chosen === undefined && ill !== undefined) setChosen(ill)
  }, [chosen, ill])

  return (
    <div class="stack">
      <Waiting what="queues" polled={queues} />
      {queues.value !== undefined && lines.length === 0 ? (
        <Panel title="Queues">
          <Empty title="Nothing is written behind">
            A collection with{' '}
            <code>
              write: {'{'} put: 'behind' {'}'}
            </code>{' '}
            acknowledges writes at once and brings them to the source in batches; its queue would
            stand here.
          </Empty>
        </Panel>
      ) : null}
      <div class="cards">
        {lines.map((line) => (
          <QueueCard
            key={line.collection}
            line={line}
            metrics={stats?.queues.find(({ pattern }) => pattern.startsWith(`${line.collection}:`))}
            isOpen={open === line.collection}
            open={() => setChosen(line.collection)}
          />
        ))}
      </div>
      {open === undefined ? null : (
        <DeadLetters key={open} collection={open} round={told?.at ?? 0} changed={reload} />
      )}
      {lines.length === 0 ? null : (
        <>
          <WaitingCharts samples={samples} />
          <BatchesPanel />
        </>
      )}
    </div>
  )
}
