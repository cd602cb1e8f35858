/** The share of hits that is loaded as well, and compared, never served. */

import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import type { CollectionLine } from '../../api/wire.ts'
import { ChangeButton } from '../../parts/change-button.tsx'
import { Choice } from '../../parts/field.tsx'
import { Done, Failure } from '../../parts/notice.tsx'
import { useChange } from '../../state/use-change.ts'
import { asPercent } from '../../words/figures.ts'

const shares = [0, 0.001, 0.01, 0.1, 1]

export function ShadowSwitch(props: {
  readonly line: CollectionLine
  readonly title: string
  readonly changed: () => void
}): JSX.Element | null {
  const { line } = props
  const [asked, setAsked] = useState<string>()
  const change = useChange<unknown>()
  if (line.name === '') return null
  const current = String(line.shadowShare)
  const options = [...new Set([line.shadowShare, ...shares])].sort((one, other) => one - other)

  async function carryOut(): Promise<void> {
    await change.ask('shadow', { collection: line.name, share: Number(asked) })
    setAsked(undefined)
    props.changed()
  }

  return (
    <div class="toolbar">
      <Choice
        label="Hits to compare with the source"
        value={asked ?? current}
        change={setAsked}
        options={options.map((share) => [String(share), share === 0 ? 'none' : asPercent(share)])}
      />
      <ChangeButton
        disabled={asked === undefined || asked === current || change.busy}
        label={`Set the share of ${props.title}`}
        press={() => void carryOut()}
      >
        Set
      </ChangeButton>
      <Failure error={change.error} />
      {change.answer === undefined ? null : <Done>Set.</Done>}
    </div>
  )
}
