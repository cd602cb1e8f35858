/** The life of an entry as one line: born, now, end of freshness, end of grace. */

import type { JSX } from 'preact'
import type { EntryReport } from '../../api/wire.ts'
import { asSpan } from '../../words/figures.ts'

export function LifeBar(props: {
  readonly entry: EntryReport
  readonly now: number
}): JSX.Element | null {
  const { entry, now } = props
  const { freshUntil, graceUntil } = entry
  if (freshUntil === null) return null
  const born = now - entry.ageMs
  const end = Math.max(freshUntil, graceUntil ?? freshUntil)
  if (end <= born) return null
  const at = (instant: number) =>
    `${Math.min(100, Math.max(0, ((instant - born) / (end - born)) * 100))}%`
  const words =
    freshUntil > now
      ? `fresh for another ${asSpan(freshUntil - now)}`
      : `past its freshness for ${asSpan(now - freshUntil)}`
  return (
    <div class="life" role="img" aria-label={`Life of the entry: ${words}`}>
      <div class="life-line">
        <span class="life-fresh" style={{ width: at(freshUntil) }} />
        <span class="life-now" style={{ left: at(now) }} />
      </div>
      <p class="small muted">
        born {asSpan(entry.ageMs)} ago, {words}
        {end > freshUntil ? `, in grace for ${asSpan(end - freshUntil)} after that` : ''}
      </p>
    </div>
  )
}
