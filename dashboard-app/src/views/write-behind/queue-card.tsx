/** One queue, in figures. */

import type { JSX } from 'preact'
import type { QueueMetrics } from 'tiercel'
import type { QueueLine } from '../../api/wire.ts'
import { Badge } from '../../parts/badge.tsx'
import { Fact } from '../../parts/field.tsx'
import { Panel } from '../../parts/panel.tsx'
import { asBytes, asCount, asMs } from '../../words/figures.ts'

/** Older than this, and the alert on the age of a queue is near. */
const oldMs = 60_000

export function QueueCard(props: {
  readonly line: QueueLine
  readonly metrics: QueueMetrics | undefined
  readonly isOpen: boolean
  readonly open: () => void
}): JSX.Element {
  const { line, metrics } = props
  return (
    <Panel title={line.collection} aside={<QueueState line={line} away={metrics?.away === true} />}>
      <dl class="facts">
        <Fact name="Waiting">
          <strong>{asCount(line.waiting)}</strong> {line.waiting === 1 ? 'write' : 'writes'},{' '}
          {asBytes(line.bytes)}
        </Fact>
        <Fact name="Oldest">{line.waiting === 0 ? 'none waits' : asMs(line.oldestMs)}</Fact>
        <Fact name="Dead letters">
          <button type="button" aria-pressed={props.isOpen} onClick={props.open}>
            {asCount(line.deadLetters)}
          </button>
        </Fact>
        {metrics === undefined ? null : (
          <>
            <Fact name="Applied here">{asCount(metrics.applied)}</Fact>
            <Fact name="Superseded">{asCount(metrics.superseded)}</Fact>
            <Fact name="Tried again">{asCount(metrics.retried)}</Fact>
            <Fact name="Calls of the store">
              <StoreCalls metrics={metrics} />
            </Fact>
          </>
        )}
      </dl>
    </Panel>
  )
}

function StoreCalls({ metrics }: { readonly metrics: QueueMetrics }): JSX.Element {
  const { calls, failedCalls, attempts, callLatency } = metrics
  if (calls === 0) return <span class="muted">none from here</span>
  const perCall = attempts / calls
  return (
    <>
      {asCount(calls)}
      {failedCalls === 0 ? '' : `, ${asCount(failedCalls)} failed`}{' '}
      <span class="muted small">
        {perCall.toFixed(1)} writes each, p99 {asMs(callLatency.p99Ms)}
      </span>
    </>
  )
}

function QueueState(props: { readonly line: QueueLine; readonly away: boolean }): JSX.Element {
  if (props.line.error !== '') {
    return (
      <Badge tone="bad" title={props.line.error}>
        cannot be asked
      </Badge>
    )
  }
  if (props.away) return <Badge tone="bad">the source is away</Badge>
  if ((props.line.deadLetters ?? 0) > 0) return <Badge tone="bad">dead letters</Badge>
  if ((props.line.oldestMs ?? 0) > oldMs) return <Badge tone="warn">slow</Badge>
  return <Badge tone="good">flowing</Badge>
}
