/** How the cache is, why, and what to do: the first thing that somebody on call reads. */

import type { JSX } from 'preact'
import type { Health } from 'tiercel'
import type { AlertLine } from '../../api/wire.ts'
import { Badge, toneOfHealth } from '../../parts/badge.tsx'
import { Prose } from '../../parts/prose.tsx'
import { addressOf } from '../../state/route.ts'
import { asSpan, asTime } from '../../words/figures.ts'

const summary = {
  healthy: 'Everything it promises, it keeps.',
  degraded: 'It serves, with less than it promises, or it needs somebody soon.',
  unhealthy: 'Reads fail, or writes that were acknowledged are in danger.',
} as const

/** Views that show more of a reason. */
const viewOf: Readonly<Record<string, 'patterns' | 'write-behind' | 'freshness' | 'switches'>> = {
  'hit-rate': 'patterns',
  'queue-age': 'write-behind',
  'queue-full': 'write-behind',
  'dead-letters': 'write-behind',
  'clean-up-failing': 'freshness',
  'shadow-differs': 'switches',
}

export function HealthPanel(props: {
  readonly health: Health
  readonly at: number
  readonly alerts: readonly AlertLine[]
}): JSX.Element {
  const { state, reasons } = props.health
  return (
    <section class={`panel health ${toneOfHealth[state]}`} aria-label="Health">
      <div class="health-head">
        <Badge tone={toneOfHealth[state]}>{state}</Badge>
        <p>{summary[state]}</p>
      </div>
      {reasons.length === 0 ? null : (
        <ul class="reasons">
          {reasons.map((reason) => (
            <li key={`${reason.code} ${reason.pattern}`}>
              <p class="reason-what">
                {reason.state === state ? null : (
                  <Badge tone={toneOfHealth[reason.state]}>{reason.state}</Badge>
                )}
                <strong>{reason.message}</strong>
                <span class="muted">
                  {reason.pattern === '*' ? '' : `${reason.pattern} · `}
                  {sinceWords(props.at - reason.since)}
                </span>
              </p>
              <p class="reason-cure">
                <Prose text={reason.cure} />{' '}
                <MoreLink code={reason.code} pattern={reason.pattern} />
              </p>
            </li>
          ))}
        </ul>
      )}
      <RecentAlerts alerts={props.alerts} />
    </section>
  )
}

function MoreLink(props: { readonly code: string; readonly pattern: string }): JSX.Element | null {
  const view = viewOf[props.code]
  if (view === undefined) return null
  const query = view === 'patterns' && props.pattern !== '*' ? { pattern: props.pattern } : {}
  return <a href={addressOf(view, query)}>Show more</a>
}

function RecentAlerts({ alerts }: { readonly alerts: readonly AlertLine[] }): JSX.Element | null {
  if (alerts.length === 0) return null
  return (
    <details class="alerts">
      <summary>Alerts since this page was opened: {alerts.length}</summary>
      <ul>
        {alerts.slice(0, 20).map((alert) => (
          <li key={`${alert.at} ${alert.code} ${alert.pattern} ${alert.state}`}>
            <span class="muted">{asTime(alert.at)}</span> {alert.state}: {alert.message}
          </li>
        ))}
      </ul>
    </details>
  )
}

function sinceWords(ms: number): string {
  return ms < 1_000 ? 'just now' : `for ${asSpan(ms)}`
}
