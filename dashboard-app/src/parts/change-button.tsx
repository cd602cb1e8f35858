/** A button that changes something: switched off, with a word why, for whoever may only look. */

import type { ComponentChildren, JSX } from 'preact'
import { useShown } from '../state/shown.ts'

export function ChangeButton(props: {
  readonly press?: () => void
  readonly kind?: 'danger' | 'primary' | 'plain'
  readonly type?: 'button' | 'submit'
  readonly disabled?: boolean
  readonly pressed?: boolean
  /** Where the words on it do not say what it is about. */
  readonly label?: string
  readonly children: ComponentChildren
}): JSX.Element {
  const mayChange = useShown().role === 'write'
  const named = props.label === undefined ? {} : { 'aria-label': props.label }
  const pressed = props.pressed === undefined ? {} : { 'aria-pressed': props.pressed }
  return (
    <button
      type={props.type ?? 'button'}
      class={props.kind ?? 'plain'}
      disabled={props.disabled === true || !mayChange}
      title={mayChange ? undefined : 'Your token may look, and change nothing.'}
      onClick={() => props.press?.()}
      {...named}
      {...pressed}
    >
      {props.children}
    </button>
  )
}
