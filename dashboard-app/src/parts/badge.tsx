/** A state in a word, with a shape of its own: colour alone would leave some people out. */

import type { JSX } from 'preact'

export type Tone = 'good' | 'warn' | 'bad' | 'plain'

const shapes: Readonly<Record<Tone, string>> = { good: '●', warn: '▲', bad: '■', plain: '○' }

export function Badge(props: {
  readonly tone: Tone
  readonly children: string
  readonly title?: string
}): JSX.Element {
  return (
    <span class={`badge ${props.tone}`} title={props.title}>
      <span class="badge-shape" aria-hidden="true">
        {shapes[props.tone]}
      </span>
      {props.children}
    </span>
  )
}

export const toneOfHealth = { healthy: 'good', degraded: 'warn', unhealthy: 'bad' } as const

export const toneOfGrade = {
  excellent: 'good',
  good: 'good',
  fair: 'warn',
  low: 'bad',
  unknown: 'plain',
} as const
