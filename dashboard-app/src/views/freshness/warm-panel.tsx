/** Carries out what a collection plans for its start, or for its schedule, now. */

import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import type { CollectionLine } from '../../api/wire.ts'
import { ChangeButton } from '../../parts/change-button.tsx'
import { Choice } from '../../parts/field.tsx'
import { Done, Empty, Failure, Waiting } from '../../parts/notice.tsx'
import { Panel } from '../../parts/panel.tsx'
import { useChange } from '../../state/use-change.ts'
import { usePolled } from '../../state/use-polled.ts'

export function WarmPanel(): JSX.Element {
  const collections = usePolled<readonly CollectionLine[]>('collections', 30_000)
  const [chosen, setChosen] = useState<string>()
  const change = useChange<{ readonly state: 'begun' | 'running' }>()
  const warmed = (collections.value ?? []).filter(({ warms }) => warms)
  const collection = chosen ?? warmed[0]?.name
  return (
    <Panel title="Warm now">
      <Waiting what="collections" polled={collections} />
      {collections.value === undefined ? null : collection === undefined ? (
        <Empty title="No collection plans to be warmed">
          Give one <code>warm.start</code> or <code>warm.schedule</code>, and it can be warmed from
          here.
        </Empty>
      ) : (
        <div class="toolbar">
          <Choice
            label="Collection"
            value={collection}
            change={(name) => {
              setChosen(name)
              change.reset()
            }}
            options={warmed.map(({ name }) => [name, name])}
          />
          <ChangeButton
            kind="primary"
            disabled={change.busy}
            press={() => void change.ask('warm', { collection })}
          >
            Warm
          </ChangeButton>
        </div>
      )}
      <Failure error={change.error} />
      {change.answer === undefined ? null : (
        <Done>
          {change.answer.state === 'running'
            ? 'It is being warmed already; see below.'
            : 'Begun. How far it has come stands below.'}
        </Done>
      )}
    </Panel>
  )
}
