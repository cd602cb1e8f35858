/** A labelled input. */

import type { ComponentChildren, JSX } from 'preact'
import { useId } from 'preact/hooks'

export function TextField(props: {
  readonly label: string
  readonly value: string
  readonly change: (value: string) => void
  readonly hint?: string
  readonly placeholder?: string
  readonly type?: 'text' | 'password' | 'search'
  /** The field that `/` puts the cursor into. */
  readonly isSearch?: boolean
  /** More than one makes it a field of several lines. */
  readonly lines?: number
}): JSX.Element {
  const id = useId()
  const shared = {
    id,
    value: props.value,
    placeholder: props.placeholder,
    autocomplete: 'off',
    spellcheck: false,
    'data-search': props.isSearch ? 'yes' : undefined,
    'aria-describedby': props.hint === undefined ? undefined : `${id}-hint`,
  } as const
  return (
    <div class="field grows">
      <label for={id}>{props.label}</label>
      {(props.lines ?? 1) > 1 ? (
        <textarea
          {...shared}
          rows={props.lines}
          onInput={({ currentTarget }) => props.change(currentTarget.value)}
        />
      ) : (
        <input
          {...shared}
          // Known when the page is drawn, and one of three; the types want it written out.
          type={(props.type ?? 'text') as 'text'}
          onInput={({ currentTarget }) => props.change(currentTarget.value)}
        />
      )}
      {props.hint === undefined ? null : (
        <p class="hint" id={`${id}-hint`}>
          {props.hint}
        </p>
      )}
    </div>
  )
}

export function Choice(props: {
  readonly label: string
  readonly value: string
  readonly change: (value: string) => void
  readonly options: readonly (readonly [string, string])[]
  /** The label is for those who hear it; those who see have a heading above. */
  readonly isQuiet?: boolean
}): JSX.Element {
  const id = useId()
  return (
    <div class="field">
      <label for={id} class={props.isQuiet ? 'unseen' : ''}>
        {props.label}
      </label>
      <select
        id={id}
        value={props.value}
        onChange={({ currentTarget }) => props.change(currentTarget.value)}
      >
        {props.options.map(([value, words]) => (
          <option key={value} value={value}>
            {words}
          </option>
        ))}
      </select>
    </div>
  )
}

/** Name and value below each other, as of one entry. */
export function Fact(props: {
  readonly name: string
  readonly children: ComponentChildren
}): JSX.Element {
  return (
    <div class="fact">
      <dt>{props.name}</dt>
      <dd>{props.children}</dd>
    </div>
  )
}
