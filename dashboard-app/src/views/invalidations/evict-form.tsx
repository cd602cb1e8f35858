/** Evicts by key, tag or pattern, in two steps: what would go is counted, and then somebody says yes. */

import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import type { CollectionLine, InvalidateAnswer } from '../../api/wire.ts'
import { ChangeButton } from '../../parts/change-button.tsx'
import { CollectionChoice } from '../../parts/collection-choice.tsx'
import { ConfirmDialog } from '../../parts/confirm-dialog.tsx'
import { Choice, TextField } from '../../parts/field.tsx'
import { Done, Failure } from '../../parts/notice.tsx'
import { Panel } from '../../parts/panel.tsx'
import { useChange } from '../../state/use-change.ts'
import { usePolled } from '../../state/use-polled.ts'
import { asExact, asMs } from '../../words/figures.ts'
import { type EvictBy, evictBody, evictWords, isEvictBy, tagsReachAll } from './evict-body.ts'

const ways: readonly (readonly [EvictBy, string])[] = [
  ['keys', 'Keys'],
  ['tags', 'Tags, any of them'],
  ['all-tags', 'Tags, all of them'],
  ['pattern', 'Pattern'],
  ['everything', 'Everything'],
]

const hints: Readonly<Record<EvictBy, string>> = {
  keys: 'One a line.',
  tags: 'One a line. Entries with any of them leave, in every collection.',
  'all-tags': 'One a line. Entries with all of them leave, in every collection.',
  pattern: 'Over the key as text: * for anything, ? for one character, [a-z] for one of these.',
  everything: 'Every entry of the collection, or of the whole cache.',
}

export function EvictForm({ query }: { readonly query: URLSearchParams }): JSX.Element {
  const collections = usePolled<readonly CollectionLine[]>('collections', 30_000)
  const asked = query.get('by') ?? ''
  const [by, setBy] = useState<EvictBy>(isEvictBy(asked) ? asked : 'keys')
  const [collection, setCollection] = useState(query.get('collection') ?? '')
  const [what, setWhat] = useState(query.get('what') ?? '')
  const [isSure, setSure] = useState(false)
  const count = useChange<InvalidateAnswer>()
  const evict = useChange<InvalidateAnswer>()
  const body = evictBody({ by, collection, what })
  const words = evictWords({ by, collection, what })

  /** A count of something else must not stand beside the button. */
  function changed<T>(set: (value: T) => void): (value: T) => void {
    return (value) => {
      set(value)
      count.reset()
      evict.reset()
    }
  }

  async function begin(event: Event): Promise<void> {
    event.preventDefault()
    if (body === undefined) return
    evict.reset()
    await count.ask('invalidate', { ...body, dryRun: true })
  }

  async function carryOut(): Promise<void> {
    await evict.ask('invalidate', body)
    setSure(false)
    count.reset()
  }

  return (
    <Panel title="Evict">
      <form class="form" onSubmit={(event) => void begin(event)}>
        <Choice
          label="By"
          value={by}
          change={changed((value: string) => setBy(value as EvictBy))}
          options={ways}
        />
        {tagsReachAll(by) ? null : (
          <CollectionChoice
            collections={collections.value ?? []}
            value={collection}
            change={changed(setCollection)}
            none={by === 'everything' ? 'The whole cache' : 'Plain keys'}
          />
        )}
        {by === 'everything' ? (
          <p class="hint">{hints[by]}</p>
        ) : (
          <TextField
            label={ways.find(([name]) => name === by)?.[1] ?? ''}
            value={what}
            change={changed(setWhat)}
            hint={hints[by]}
            lines={by === 'pattern' ? 1 : 3}
            isSearch
          />
        )}
        <ChangeButton type="submit" disabled={body === undefined || count.busy}>
          {count.busy ? 'Counting …' : 'Count first'}
        </ChangeButton>
      </form>
      <Failure error={count.error ?? evict.error} />
      {count.answer === undefined ? null : (
        <div class="counted" role="status">
          <p>
            <strong>{countWords(count.answer)}</strong> would leave: {words}.
          </p>
          <ChangeButton kind="danger" press={() => setSure(true)}>
            Evict
          </ChangeButton>
        </div>
      )}
      {evict.answer === undefined ? null : <Done>{doneWords(evict.answer)}</Done>}
      {isSure ? (
        <ConfirmDialog
          title={`Evict ${words}?`}
          action="Evict"
          busy={evict.busy}
          confirm={() => void carryOut()}
          cancel={() => setSure(false)}
        >
          <p>
            {count.answer === undefined
              ? ''
              : `${countWords(count.answer)} leave every tier of every instance. `}
            The next reads ask the source: look at what it can take.
          </p>
        </ConfirmDialog>
      ) : null}
    </Panel>
  )
}

function countWords({ matched, complete }: InvalidateAnswer): string {
  if (matched === null) return 'An unknown number of entries'
  const noun = matched === 1 ? 'entry' : 'entries'
  return `${complete ? '' : 'At least '}${asExact(matched)} ${noun}`
}

function doneWords({ state, durationMs }: InvalidateAnswer): string {
  return state === 'pending'
    ? 'Done here. The shared tier does not answer; it is told as soon as it does.'
    : `Done on every instance, in ${asMs(durationMs)}.`
}
