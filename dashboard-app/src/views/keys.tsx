/** One key: where it lives, how old it is, what it lives by, and out with it if need be. */

import type { JSX } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { readApi } from '../api/call-api.ts'
import type { CollectionLine, EntryAnswer } from '../api/wire.ts'
import { CollectionChoice } from '../parts/collection-choice.tsx'
import { Choice, TextField } from '../parts/field.tsx'
import { Empty, Failure, Loading } from '../parts/notice.tsx'
import { addressOf } from '../state/route.ts'
import { useAsked } from '../state/use-asked.ts'
import { usePolled } from '../state/use-polled.ts'
import { EntryCard } from './keys/entry-card.tsx'

const keyTypes = [
  ['', 'Find out'],
  ['string', 'Text'],
  ['number', 'Number'],
  ['bigint', 'Big integer'],
] as const

export function KeysView({ query }: { readonly query: URLSearchParams }): JSX.Element {
  const collections = usePolled<readonly CollectionLine[]>('collections', 30_000)
  const [collection, setCollection] = useState(query.get('collection') ?? '')
  const [key, setKey] = useState(query.get('key') ?? '')
  const [keyType, setKeyType] = useState(query.get('keyType') ?? '')
  const entry = useAsked<EntryAnswer>(readApi)
  const { ask } = entry

  // An address with a key in it was handed on by a colleague: it is looked up at once.
  const linked = query.toString()
  useEffect(() => {
    if (new URLSearchParams(linked).has('key')) ask(`entry?${linked}`)
  }, [linked, ask])

  function inspect(event: Event): void {
    event.preventDefault()
    if (key === '') return
    const asked = { key, ...(collection && { collection }), ...(keyType && { keyType }) }
    const next = addressOf('keys', asked)
    if (location.hash === next) ask(`entry?${new URLSearchParams(asked)}`)
    else location.hash = next
  }

  return (
    <div class="stack">
      <search>
        <form class="toolbar" onSubmit={inspect}>
          <CollectionChoice
            collections={collections.value ?? []}
            value={collection}
            change={setCollection}
            none="Plain keys"
          />
          <TextField label="Key" value={key} change={setKey} placeholder="42" isSearch />
          <Choice label="Type" value={keyType} change={setKeyType} options={keyTypes} />
          <button type="submit" class="primary" disabled={key === ''}>
            Inspect
          </button>
        </form>
      </search>
      <Failure error={entry.error} />
      {entry.busy && entry.value === undefined ? <Loading what="the entry" /> : null}
      {entry.value === undefined ? (
        entry.busy || entry.error !== undefined ? null : (
          <Empty title="Which key?">
            Type one to see which tiers hold it, how fresh it is, its tags, and writes of it that
            wait. Nothing is loaded by looking.
          </Empty>
        )
      ) : (
        <EntryCard answer={entry.value} reload={() => ask(`entry?${linked}`)} />
      )}
    </div>
  )
}
