/** Whether what is shown is of now, always in sight; where it is not, how old it is and what is done. */

import type { JSX } from 'preact'
import { type Connection, useShown } from '../state/shown.ts'
import { useNow } from '../state/use-now.ts'
import { asSpan } from '../words/figures.ts'

/** Snapshots come each second; two lost ones are no news, more are. */
const oldAfterMs = 3_500

const words: Readonly<Record<Connection, string>> = {
  connecting: 'Connecting …',
  live: 'Live',
  polling: 'Polling',
  lost: 'No connection',
}

export function ConnectionNote(): JSX.Element {
  const { connection, stats, receivedMs } = useShown()
  const ageMs = useNow(1_000) - receivedMs
  const isOld = stats !== undefined && ageMs > oldAfterMs
  const tone = connection === 'live' && !isOld ? 'good' : connection === 'lost' ? 'bad' : 'warn'
  return (
    <span class={`connection ${tone}`} role="status">
      <span class="pulse" aria-hidden="true" />
      {isOld ? `${asSpan(ageMs)} old` : words[connection]}
    </span>
  )
}

/** Across the page once figures are old: nobody must act on them without knowing. */
export function OldDataBanner(): JSX.Element | null {
  const { connection, stats, receivedMs } = useShown()
  const ageMs = useNow(1_000) - receivedMs
  if (stats === undefined || ageMs <= oldAfterMs) return null
  return (
    <div class="banner warn" role="alert">
      <strong>These figures are old.</strong>{' '}
      {connection === 'lost'
        ? 'The process that serves this page does not answer; it may be down or restarting.'
        : 'The live stream was interrupted.'}{' '}
      It is tried again by itself.
    </div>
  )
}
