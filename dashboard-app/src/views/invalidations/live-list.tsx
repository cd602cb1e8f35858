/** Invalidations as they come, the latest first. */

import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import type { InvalidationLine } from '../../api/wire.ts'
import { Badge, type Tone } from '../../parts/badge.tsx'
import { Empty } from '../../parts/notice.tsx'
import { Panel } from '../../parts/panel.tsx'
import { SmallTable } from '../../parts/small-table.tsx'
import { useShown } from '../../state/shown.ts'
import { asExact, asMs, asTime } from '../../words/figures.ts'

const linesMax = 100

const wordsOf: Readonly<Record<string, string>> = {
  local: 'here',
  external: 'from outside',
  remote: 'another instance',
  replayed: 'found by following',
}

export function LiveList(): JSX.Element {
  const { invalidations } = useShown()
  const [held, setHeld] = useState<readonly InvalidationLine[]>()
  const lines = (held ?? invalidations).slice(0, linesMax)
  return (
    <Panel
      title="Live"
      aside={
        <button
          type="button"
          onClick={() => setHeld(held === undefined ? invalidations : undefined)}
        >
          {held === undefined ? 'Hold' : 'Go on'}
        </button>
      }
    >
      {lines.length === 0 ? (
        <Empty title="Nothing was invalidated yet">
          Each invalidation, of this instance or another, appears here within a second.
        </Empty>
      ) : (
        <SmallTable
          name="Invalidations"
          heads={['Time', 'What', 'By', 'Count', 'Took', 'State']}
          texts={['What', 'By', 'State']}
          rows={lines.map((line) => [
            asTime(line.at),
            <span key="what">
              {line.kind} <span class="name">{line.pattern}</span>
            </span>,
            wordsOf[line.origin] ?? line.origin,
            asExact(line.count),
            line.durationMs > 0 ? asMs(line.durationMs) : '',
            <Badge key="state" tone={toneOf(line)}>
              {line.state}
            </Badge>,
          ])}
        />
      )}
    </Panel>
  )
}

function toneOf({ state }: InvalidationLine): Tone {
  return state === 'done' ? 'good' : 'warn'
}
