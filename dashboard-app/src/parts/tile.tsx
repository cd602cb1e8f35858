/** One figure that matters, large, with what it is of and what to compare it with. */

import type { ComponentChildren, JSX } from 'preact'
import type { Tone } from './badge.tsx'

export function Tile(props: {
  readonly name: string
  readonly value: string
  readonly unit?: string
  readonly tone?: Tone
  readonly children?: ComponentChildren
}): JSX.Element {
  return (
    <div class={`tile ${props.tone ?? 'plain'}`}>
      <dt>{props.name}</dt>
      <dd class="tile-value">
        {props.value}
        {props.unit === undefined ? null : <span class="tile-unit"> {props.unit}</span>}
      </dd>
      {props.children === undefined ? null : <dd class="tile-note">{props.children}</dd>}
    </div>
  )
}
