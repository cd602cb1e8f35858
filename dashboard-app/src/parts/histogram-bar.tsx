/** How a latency is spread over the six buckets, as one bar; its shares are read out as text. */

import type { JSX } from 'preact'
import { asPercent } from '../words/figures.ts'

const bucketNames = ['0–1', '1–5', '5–10', '10–50', '50–100', '100+'] as const

export function HistogramBar(props: {
  readonly buckets: readonly number[]
  readonly name: string
}): JSX.Element {
  const all = props.buckets.reduce((sum, count) => sum + count, 0)
  const shares = props.buckets.map((count) => (all === 0 ? 0 : count / all))
  const words = shares
    .map((share, index) => [share, bucketNames[index]] as const)
    .filter(([share]) => share > 0)
    .map(([share, name]) => `${name} ms: ${asPercent(share)}`)
    .join(', ')
  return (
    <span
      class="spread"
      role="img"
      aria-label={`${props.name}: ${words || 'nothing counted'}`}
      title={words}
    >
      {shares.map((share, index) =>
        share === 0 ? null : (
          <span
            key={bucketNames[index]}
            class={`spread-part bucket-${index}`}
            style={{ flexGrow: share }}
          />
        ),
      )}
    </span>
  )
}

/** Once beside the bars: which shade is which bucket. */
export function HistogramKey(): JSX.Element {
  return (
    <ul class="legend" aria-label="Buckets in milliseconds">
      {bucketNames.map((name, index) => (
        <li key={name}>
          <span class={`swatch bucket-${index}`} aria-hidden="true" />
          {name} ms
        </li>
      ))}
    </ul>
  )
}
