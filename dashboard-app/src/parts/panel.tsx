/** A framed part of a view, with its heading. */

import type { ComponentChildren, JSX } from 'preact'
import { useId } from 'preact/hooks'

export function Panel(props: {
  readonly title: string
  /** Beside the heading: what the figures cover, or a button. */
  readonly aside?: ComponentChildren
  readonly wide?: boolean
  readonly children: ComponentChildren
}): JSX.Element {
  const id = useId()
  return (
    <section class={props.wide ? 'panel wide' : 'panel'} aria-labelledby={id}>
      <div class="panel-head">
        <h2 id={id}>{props.title}</h2>
        {props.aside === undefined ? null : <div class="panel-aside">{props.aside}</div>}
      </div>
      {props.children}
    </section>
  )
}
