/** Entries that nobody reads: the last clean-up, and another one now. */

import type { JSX } from 'preact'
import type { MetricsSnapshot } from 'tiercel'
import { Badge } from '../../parts/badge.tsx'
import { ChangeButton } from '../../parts/change-button.tsx'
import { Fact } from '../../parts/field.tsx'
import { Done, Empty, Failure } from '../../parts/notice.tsx'
import { Panel } from '../../parts/panel.tsx'
import { useChange } from '../../state/use-change.ts'
import { asCount, asDistance, asExact, asMs } from '../../words/figures.ts'

export function CleanUpPanel(props: { readonly cleanUp: MetricsSnapshot['cleanUp'] }): JSX.Element {
  const { cleanUp } = props
  const change = useChange<{ readonly state: 'begun' | 'running' }>()
  return (
    <Panel
      title="Clean-up of idle entries"
      aside={
        <ChangeButton disabled={change.busy} press={() => void change.ask('clean-up', {})}>
          Clean up now
        </ChangeButton>
      }
    >
      <Failure error={change.error} />
      {change.answer === undefined ? null : (
        <Done>{change.answer.state === 'running' ? 'One is under way already.' : 'Begun.'}</Done>
      )}
      {cleanUp === null ? (
        <Empty title="None was made by this instance">
          Where <code>idle</code> is set, entries that nobody reads leave by themselves.
        </Empty>
      ) : (
        <dl class="facts">
          <Fact name="Last">{asDistance(cleanUp.at)}</Fact>
          <Fact name="Removed">
            {asExact(cleanUp.removed)} of {asCount(cleanUp.before)}
          </Fact>
          <Fact name="Took">{asMs(cleanUp.durationMs)}</Fact>
          <Fact name="Failed in a row">
            {cleanUp.failuresInARow === 0 ? (
              '0'
            ) : (
              <Badge tone="bad">{`${cleanUp.failuresInARow}`}</Badge>
            )}
          </Fact>
        </dl>
      )}
    </Panel>
  )
}
