/** Asks before something is done that cannot be taken back. The browser's own dialog keeps the focus. */

import type { ComponentChildren, JSX } from 'preact'
import { useEffect, useId, useRef } from 'preact/hooks'

export function ConfirmDialog(props: {
  readonly title: string
  /** What the button does, as a verb and what it does it to. */
  readonly action: string
  readonly busy?: boolean
  readonly confirm: () => void
  readonly cancel: () => void
  readonly children: ComponentChildren
}): JSX.Element {
  const dialog = useRef<HTMLDialogElement>(null)
  const id = useId()
  useEffect(() => {
    const { current } = dialog
    if (current !== null && !current.open) current.showModal()
  }, [])
  return (
    <dialog
      ref={dialog}
      class="dialog"
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault()
        props.cancel()
      }}
    >
      <h2 id={id}>{props.title}</h2>
      <div class="dialog-body">{props.children}</div>
      <div class="dialog-actions">
        <button type="button" onClick={props.cancel}>
          Cancel
        </button>
        <button type="button" class="danger" disabled={props.busy} onClick={props.confirm}>
          {props.action}
        </button>
      </div>
    </dialog>
  )
}
