/** What stands where there is nothing to show: not yet, not any more, or because something failed. */

import type { ComponentChildren, JSX } from 'preact'
import type { ApiError } from '../api/api-error.ts'

/** Nothing is there, and that is told as what it means. */
export function Empty(props: {
  readonly title: string
  readonly children?: ComponentChildren
}): JSX.Element {
  return (
    <div class="empty">
      <p class="empty-title">{props.title}</p>
      {props.children === undefined ? null : <p>{props.children}</p>}
    </div>
  )
}

export function Loading(props: { readonly what: string }): JSX.Element {
  return (
    <p class="loading" role="status">
      <span class="spinner" aria-hidden="true" />
      Loading {props.what} …
    </p>
  )
}

/** Read out at once, since somebody waits for an answer. */
export function Failure(props: {
  readonly error: ApiError | undefined
  readonly retry?: () => void
}): JSX.Element | null {
  if (props.error === undefined) return null
  const { message, field, status } = props.error
  return (
    <div class="failure" role="alert">
      <p>
        {field === '' ? '' : `${field}: `}
        {message}
        {status > 0 ? <span class="muted"> ({status})</span> : null}
      </p>
      {props.retry === undefined ? null : (
        <button type="button" onClick={props.retry}>
          Try again
        </button>
      )}
    </div>
  )
}

/** Of a list that is asked for: its first load, its failure, or nothing of both. */
export function Waiting(props: {
  readonly what: string
  readonly polled: { value: unknown; error: ApiError | undefined; reload(): void }
}): JSX.Element | null {
  const { value, error, reload } = props.polled
  if (error !== undefined) return <Failure error={error} retry={reload} />
  return value === undefined ? <Loading what={props.what} /> : null
}

/** What a change has come to, read out when it is there. */
export function Done(props: { readonly children: ComponentChildren }): JSX.Element {
  return (
    <p class="done" role="status">
      {props.children}
    </p>
  )
}
