/** Writes that were given up: why, and to be tried again or dropped, one by one or all that are shown. */

import type { JSX } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import type { DeadLetterLine } from '../../api/wire.ts'
import { ChangeButton } from '../../parts/change-button.tsx'
import { ConfirmDialog } from '../../parts/confirm-dialog.tsx'
import { DataTable } from '../../parts/data-table.tsx'
import { Done, Empty, Failure, Waiting } from '../../parts/notice.tsx'
import { Panel } from '../../parts/panel.tsx'
import { useChange } from '../../state/use-change.ts'
import { usePolled } from '../../state/use-polled.ts'
import { deadLetterColumns } from './dead-letter-columns.tsx'

const limit = 200

export function DeadLetters(props: {
  readonly collection: string
  /** Another number each time the queue has told something. */
  readonly round: number
  readonly changed: () => void
}): JSX.Element {
  const path = `queues/${encodeURIComponent(props.collection)}`
  const letters = usePolled<readonly DeadLetterLine[]>(
    `${path}/dead-letters?limit=${limit}`,
    10_000,
  )
  const [dropping, setDropping] = useState<readonly DeadLetterLine[]>()
  const [said, setSaid] = useState('')
  const change = useChange<{ readonly retried?: number; readonly dropped?: number }>()
  const { reload } = letters

  useEffect(() => {
    if (props.round > 0) reload()
  }, [props.round, reload])

  /** Of no letters in particular: of all. */
  async function carryOut(what: 'retry' | 'drop', some: readonly DeadLetterLine[]): Promise<void> {
    setSaid('')
    const keys = some.map(({ key, keyType }) => ({ key, keyType }))
    const answer = await change.ask(`${path}/${what}`, some.length === 0 ? {} : { keys })
    setDropping(undefined)
    if (answer === undefined) return
    const { retried = 0, dropped = 0 } = answer
    setSaid(what === 'retry' ? `Queued again: ${retried}.` : `Dropped: ${dropped}.`)
    reload()
    props.changed()
  }

  const lines = letters.value ?? []
  const columns = deadLetterColumns({
    isBusy: change.busy,
    retry: (line) => void carryOut('retry', [line]),
    drop: (line) => setDropping([line]),
  })
  return (
    <Panel
      title={`Dead letters of ${props.collection}`}
      wide
      aside={
        lines.length < 2 ? undefined : (
          <ChangeButton disabled={change.busy} press={() => void carryOut('retry', [])}>
            Try all again
          </ChangeButton>
        )
      }
    >
      <Waiting what="dead letters" polled={letters} />
      <Failure error={change.error} />
      {said === '' ? null : <Done>{said}</Done>}
      {letters.value === undefined ? null : lines.length === 0 ? (
        <Empty title="No dead letters">Every write has reached the source, or waits for it.</Empty>
      ) : (
        <DataTable
          name="dead letters"
          columns={columns}
          rows={lines}
          rowKey={({ id }) => id}
          order={{ column: 'died', down: true }}
          pageSize={25}
        />
      )}
      {dropping === undefined ? null : (
        <ConfirmDialog
          title="Drop this write?"
          action="Drop"
          busy={change.busy}
          confirm={() => void carryOut('drop', dropping)}
          cancel={() => setDropping(undefined)}
        >
          <p>
            The write of <span class="name">{dropping.map(({ key }) => key).join(', ')}</span> was
            acknowledged, and will never reach the source. This cannot be taken back.
          </p>
        </ConfirmDialog>
      )}
    </Panel>
  )
}
