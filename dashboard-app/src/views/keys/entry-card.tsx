/** What is known of one entry. */

import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import type { EntryAnswer, EntryReport, InvalidateAnswer } from '../../api/wire.ts'
import { Badge } from '../../parts/badge.tsx'
import { ChangeButton } from '../../parts/change-button.tsx'
import { ConfirmDialog } from '../../parts/confirm-dialog.tsx'
import { Fact } from '../../parts/field.tsx'
import { Done, Empty, Failure } from '../../parts/notice.tsx'
import { Panel } from '../../parts/panel.tsx'
import { SmallTable } from '../../parts/small-table.tsx'
import { addressOf } from '../../state/route.ts'
import { useChange } from '../../state/use-change.ts'
import { asBytes, asDistance, asMs, asSpan, asTime } from '../../words/figures.ts'
import { LifeBar } from './life-bar.tsx'

export function EntryCard(props: {
  readonly answer: EntryAnswer
  readonly reload: () => void
}): JSX.Element {
  const { answer, reload } = props
  const [isAsking, setAsking] = useState(false)
  const change = useChange<InvalidateAnswer>()

  async function evict(): Promise<void> {
    const { collection, key, keyType } = answer
    const done = await change.ask('invalidate', {
      ...(collection && { collection }),
      keys: [{ key, keyType }],
    })
    setAsking(false)
    if (done !== undefined) reload()
  }

  return (
    <Panel title={answer.collection === '' ? answer.key : `${answer.collection} · ${answer.key}`}>
      {answer.entry === null ? <NoEntry /> : <EntryFacts answer={answer} entry={answer.entry} />}
      {answer.entry?.pending === true ? <PendingWrite /> : null}
      <div class="actions">
        <button type="button" onClick={reload}>
          Look again
        </button>
        <ChangeButton kind="danger" press={() => setAsking(true)}>
          Evict this key
        </ChangeButton>
      </div>
      <Failure error={change.error} />
      {change.answer === undefined ? null : (
        <Done>
          {change.answer.state === 'pending' ? pendingWords : 'Evicted, on every instance.'}
        </Done>
      )}
      {isAsking ? (
        <ConfirmDialog
          title="Evict this key?"
          action="Evict"
          busy={change.busy}
          confirm={() => void evict()}
          cancel={() => setAsking(false)}
        >
          <p>
            <span class="name">{answer.key}</span> leaves every tier of every instance. The next
            read asks the source.
          </p>
        </ConfirmDialog>
      ) : null}
    </Panel>
  )
}

const pendingWords = 'Gone here. The shared tier does not answer; it is told as soon as it does.'

function NoEntry(): JSX.Element {
  return (
    <Empty title="Not cached">
      No tier has an entry for this key. A read would ask the source. If you expected one: check the
      collection and the type of the key.
    </Empty>
  )
}

function EntryFacts(props: {
  readonly answer: EntryAnswer
  readonly entry: EntryReport
}): JSX.Element {
  const { answer, entry } = props
  const now = Date.now()
  const isFresh = entry.freshUntil === null || entry.freshUntil > now
  return (
    <>
      <LifeBar entry={entry} now={now} />
      <Copies entry={entry} now={now} />
      <dl class="facts">
        <Fact name="State">
          <Badge tone={isFresh ? 'good' : 'warn'}>{isFresh ? 'fresh' : 'in grace'}</Badge>
          {entry.absent ? ' The source has nothing under this key, and that is cached.' : ''}
        </Fact>
        <Fact name="Load took">{entry.loadMs === null ? 'it was set' : asMs(entry.loadMs)}</Fact>
        <Fact name="Version of its shape">{entry.schemaVersion}</Fact>
        <Fact name="Key">
          <span class="name">{answer.key}</span> <span class="muted">({answer.keyType})</span>
        </Fact>
        <Fact name="Tags">
          <Tags tags={entry.tags} />
        </Fact>
        {answer.value === null ? null : (
          <Fact name="Value">
            <pre class="value">{answer.value.json}</pre>
            {answer.value.truncated ? <p class="muted small">Cut off here.</p> : null}
          </Fact>
        )}
      </dl>
    </>
  )
}

/** The tiers disagree where one has heard of a change and the other not yet: that is what one looks for. */
function Copies(props: { readonly entry: EntryReport; readonly now: number }): JSX.Element {
  const { entry, now } = props
  const copies = [
    ['memory of this instance', entry.memory],
    ['shared tier', entry.shared],
  ] as const
  return (
    <SmallTable
      name="Where it lives"
      heads={['Tier', 'Age', 'Fresh until', 'Grace until', 'Size']}
      rows={copies.map(([name, copy]) => [
        name,
        ...(copy
          ? [
              asSpan(copy.ageMs),
              instantWords(copy.freshUntil, now),
              instantWords(copy.graceUntil, now),
              asBytes(copy.sizeBytes),
            ]
          : ['not there', '', '', '']),
      ])}
    />
  )
}

function instantWords(at: number | null, now: number): string {
  return at === null ? 'without an end' : `${asTime(at, now)} (${asDistance(at, now)})`
}

/** Each leads to the form that evicts by it. */
function Tags({ tags }: { readonly tags: readonly string[] }): JSX.Element {
  if (tags.length === 0) return <span class="muted">none</span>
  return (
    <ul class="tags">
      {tags.map((tag) => (
        <li key={tag}>
          <a class="tag name" href={addressOf('invalidations', { by: 'tags', what: tag })}>
            {tag}
          </a>
        </li>
      ))}
    </ul>
  )
}

function PendingWrite(): JSX.Element {
  return (
    <p class="banner warn">
      A write of this key waits for the source. <a href={addressOf('write-behind')}>Write-behind</a>
    </p>
  )
}
