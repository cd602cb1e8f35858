/** Chooses one of the collections, or plain keys. */

import type { JSX } from 'preact'
import type { CollectionLine } from '../api/wire.ts'
import { Choice } from './field.tsx'

export function CollectionChoice(props: {
  readonly collections: readonly CollectionLine[]
  readonly value: string
  readonly change: (name: string) => void
  /** What no collection means here. */
  readonly none: string
}): JSX.Element {
  const named = props.collections.filter(({ name }) => name !== '')
  const options = named.map(({ name }) => [name, name] as const)
  return (
    <Choice
      label="Collection"
      value={props.value}
      change={props.change}
      options={[['', props.none], ...options]}
    />
  )
}
