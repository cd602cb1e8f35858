/** What keys do, and the card that tells. Nothing is caught while somebody types. */

import type { JSX } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import { addressOf, viewNames, viewTitles } from '../state/route.ts'

export interface ShortcutActions {
  readonly showHelp: () => void
  readonly nextTheme: () => void
}

export function useShortcuts(actions: ShortcutActions): void {
  const last = useRef(actions)
  last.current = actions
  useEffect(() => {
    const listener = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return
      if (document.querySelector('dialog[open]') !== null) return
      if (act(event.key, last.current)) event.preventDefault()
    }
    addEventListener('keydown', listener)
    return () => removeEventListener('keydown', listener)
  }, [])
}

function act(key: string, { showHelp, nextTheme }: ShortcutActions): boolean {
  const view = viewNames[Number(key) - 1]
  if (view !== undefined) location.hash = addressOf(view)
  else if (key === '?') showHelp()
  else if (key === 't') nextTheme()
  else if (key === '/') document.querySelector<HTMLElement>('[data-search]')?.focus()
  else return false
  return true
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && /^(INPUT|SELECT|TEXTAREA)$/.test(target.tagName)
}

export function ShortcutCard(props: { readonly close: () => void }): JSX.Element {
  const dialog = useRef<HTMLDialogElement>(null)
  useEffect(() => {
    if (dialog.current?.open === false) dialog.current.showModal()
  }, [])
  return (
    <dialog ref={dialog} class="dialog" aria-labelledby="shortcuts" onClose={props.close}>
      <h2 id="shortcuts">Keyboard</h2>
      <dl class="keys">
        {viewNames.map((name, index) => (
          <div key={name}>
            <dt>
              <kbd>{index + 1}</kbd>
            </dt>
            <dd>{viewTitles[name]}</dd>
          </div>
        ))}
        <div>
          <dt>
            <kbd>/</kbd>
          </dt>
          <dd>Search or filter in this view</dd>
        </div>
        <div>
          <dt>
            <kbd>t</kbd>
          </dt>
          <dd>Theme: system, light, dark</dd>
        </div>
        <div>
          <dt>
            <kbd>?</kbd>
          </dt>
          <dd>This card</dd>
        </div>
      </dl>
      <form method="dialog" class="dialog-actions">
        <button type="submit">Close</button>
      </form>
    </dialog>
  )
}
