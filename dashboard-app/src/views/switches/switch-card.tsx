/** The switches of one collection: where its entries live, and how much of it is compared. */

import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import type { CacheMode, PatternMetrics } from 'tiercel'
import type { CollectionLine } from '../../api/wire.ts'
import { Badge } from '../../parts/badge.tsx'
import { ChangeButton } from '../../parts/change-button.tsx'
import { ConfirmDialog } from '../../parts/confirm-dialog.tsx'
import { Choice, Fact } from '../../parts/field.tsx'
import { Done, Failure } from '../../parts/notice.tsx'
import { Panel } from '../../parts/panel.tsx'
import { useChange } from '../../state/use-change.ts'
import { asCount, asSpan } from '../../words/figures.ts'
import { ShadowSwitch } from './shadow-switch.tsx'

const modes: readonly (readonly [CacheMode, string])[] = [
  ['on', 'On'],
  ['memory', 'Memory only'],
  ['shared', 'Shared only'],
  ['off', 'Off'],
]

/** Said before it is done. */
const meaning: Readonly<Record<CacheMode, string>> = {
  on: 'Every tier is used.',
  memory: 'The shared tier is not asked; each instance loads for itself.',
  shared: 'Nothing is kept in the process; every read asks the shared tier.',
  off: 'Every read goes to the source, and nothing is kept: look at what the source can take.',
}

export function SwitchCard(props: {
  readonly line: CollectionLine
  readonly shadow: PatternMetrics['shadow'] | undefined
  readonly changed: () => void
}): JSX.Element {
  const { line } = props
  const [asked, setAsked] = useState<CacheMode>()
  const [scope, setScope] = useState('instance')
  const change = useChange<unknown>()
  const title = line.name === '' ? 'Plain keys' : line.name

  async function carryOut(mode: CacheMode): Promise<void> {
    await change.ask('modes', { ...(line.name && { collection: line.name }), mode, scope })
    setAsked(undefined)
    props.changed()
  }

  return (
    <Panel
      title={title}
      aside={<Badge tone={line.mode === 'on' ? 'good' : 'warn'}>{wordsOf(line.mode)}</Badge>}
    >
      <dl class="facts">
        <Fact name="Workload">{line.workload ?? 'not declared'}</Fact>
        <Fact name="Life">
          {span(line.ttlMs)}, in memory {span(line.memoryTtlMs)}
          {line.graceMs > 0 ? `, grace ${asSpan(line.graceMs)}` : ''}
        </Fact>
        <Fact name="Compared">{comparedWords(props.shadow)}</Fact>
      </dl>
      <ModeButtons line={line} title={title} choose={setAsked} />
      <ShadowSwitch line={line} title={title} changed={props.changed} />
      <Failure error={change.error} />
      {change.answer === undefined ? null : <Done>Switched.</Done>}
      {asked === undefined ? null : (
        <ConfirmDialog
          title={`${title}: ${wordsOf(asked)}?`}
          action="Switch"
          busy={change.busy}
          confirm={() => void carryOut(asked)}
          cancel={() => setAsked(undefined)}
        >
          <p>{meaning[asked]} Writes to the source go on.</p>
          <Choice
            label="Where"
            value={scope}
            change={setScope}
            options={[
              ['instance', 'On this instance'],
              ['fleet', 'On every instance'],
            ]}
          />
        </ConfirmDialog>
      )}
    </Panel>
  )
}

function ModeButtons(props: {
  readonly line: CollectionLine
  readonly title: string
  readonly choose: (mode: CacheMode) => void
}): JSX.Element {
  return (
    <fieldset class="segments">
      <legend class="unseen">Mode of {props.title}</legend>
      {modes.map(([mode, words]) => (
        <ChangeButton
          key={mode}
          pressed={props.line.mode === mode}
          press={() => props.choose(mode)}
        >
          {words}
        </ChangeButton>
      ))}
    </fieldset>
  )
}

function wordsOf(mode: CacheMode): string {
  return (modes.find(([name]) => name === mode)?.[1] ?? mode).toLowerCase()
}

function span(ms: number | null): string {
  return ms === null ? 'without an end' : asSpan(ms)
}

function comparedWords(shadow: PatternMetrics['shadow'] | undefined): string {
  const { same = 0, different = 0, failed = 0 } = shadow ?? {}
  if (same + different + failed === 0) return 'nothing'
  return `${asCount(same)} same, ${asCount(different)} different, ${asCount(failed)} failed`
}
