/** How full something is. */

import type { JSX } from 'preact'
import { asPercent } from '../words/figures.ts'

/** Shares of the bound from which a person should know, and should act: those of the alerts. */
const warnFrom = 0.8
const badFrom = 0.95

export function Meter(props: {
  readonly name: string
  readonly share: number | null
}): JSX.Element {
  const { share } = props
  if (share === null) return <span class="muted">no bound</span>
  const tone = share >= badFrom ? 'bad' : share >= warnFrom ? 'warn' : 'good'
  const percent = Math.round(Math.min(1, share) * 100)
  return (
    <span class="meter-line">
      {/* biome-ignore lint/a11y/useSemanticElements: no browser lets a <meter> be styled alike. */}
      <span
        class={`meter ${tone}`}
        role="meter"
        aria-label={props.name}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={percent}
      >
        <span class="meter-fill" style={{ width: `${percent}%` }} />
      </span>
      <span class="meter-figure">{asPercent(Math.min(1, share))}</span>
    </span>
  )
}
