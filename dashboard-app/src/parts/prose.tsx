/** A sentence of the library's own, in which commands and options stand between backticks. */

import type { JSX } from 'preact'

export function Prose({ text }: { readonly text: string }): JSX.Element {
  const parts = text.split('`')
  // An odd backtick at the end belongs to the text: nothing is dropped.
  if (parts.length % 2 === 0) return <>{text}</>
  return (
    <>{parts.map((part, index) => (index % 2 === 1 ? <code key={part}>{part}</code> : part))}</>
  )
}
