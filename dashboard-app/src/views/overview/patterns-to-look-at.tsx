/** Patterns whose hit rate is below good, or that are used otherwise than declared; the busiest first. */

import type { JSX } from 'preact'
import type { PatternMetrics } from 'tiercel'
import { Badge, toneOfGrade } from '../../parts/badge.tsx'
import { Empty } from '../../parts/notice.tsx'
import { Panel } from '../../parts/panel.tsx'
import { Prose } from '../../parts/prose.tsx'
import { addressOf } from '../../state/route.ts'
import { asCount, asPercent } from '../../words/figures.ts'

const shownMax = 6

export function PatternsToLookAt(props: {
  readonly patterns: readonly PatternMetrics[]
}): JSX.Element {
  const poor = props.patterns.filter(
    ({ verdict }) =>
      verdict.grade === 'fair' || verdict.grade === 'low' || verdict.contradiction !== '',
  )
  return (
    <Panel title="Patterns to look at" aside={<a href={addressOf('patterns')}>All patterns</a>}>
      {poor.length === 0 ? (
        <Empty title="None">Every pattern with enough reads has a good hit rate.</Empty>
      ) : (
        <ul class="looks">
          {poor.slice(0, shownMax).map(({ pattern, hits, misses, hitRate, verdict }) => (
            <li key={pattern}>
              <p>
                <Badge tone={toneOfGrade[verdict.grade]}>{verdict.grade}</Badge>{' '}
                <a class="name" href={addressOf('patterns', { pattern })}>
                  {pattern}
                </a>{' '}
                {asPercent(hitRate)} <span class="muted">of {asCount(hits + misses)} reads</span>
              </p>
              <p class="muted small">
                <Prose text={verdict.contradiction || verdict.advice} />
              </p>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  )
}
