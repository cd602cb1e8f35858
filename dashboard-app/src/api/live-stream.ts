/**
 * Keeps the live stream open, for as long as the page is.
 *
 * A browser gives an `EventSource` up for good at the first answer that is no stream, so each attempt is
 * one of ours, after a wait that grows. While the stream does not stand, single calls are made in its
 * place: a proxy that breaks streams must not make the page blind.
 */

import type { MetricsSnapshot } from 'tiercel'
import { forget, nowShown, show, takeLine, takeStats, takeWarming } from '../state/shown.ts'
import { ApiError } from './api-error.ts'
import { apiUrl, readApi } from './call-api.ts'
import { readLine } from './read-line.ts'

const waitMsMin = 1_000
const waitMsMax = 10_000
/** Snapshots come each second; a stream that is silent for so long is dead, whatever TCP says. */
const silentMsMax = 6_000

/** Ends when the signal aborts. */
export function followLive(signal: AbortSignal): void {
  let source: EventSource | undefined
  let waitMs = waitMsMin
  let timer: ReturnType<typeof setTimeout> | undefined

  function open(): void {
    clearTimeout(timer)
    source?.close()
    const opened = new EventSource(apiUrl('live'), { withCredentials: true })
    source = opened
    const guard = () => {
      clearTimeout(timer)
      timer = setTimeout(retry, silentMsMax)
    }
    guard()
    listen(opened, () => {
      waitMs = waitMsMin
      show({ connection: 'live' })
      guard()
    })
    opened.addEventListener('error', retry)
  }

  function retry(): void {
    source?.close()
    clearTimeout(timer)
    if (signal.aborted) return
    timer = setTimeout(open, waitMs * (0.75 + Math.random() / 2))
    waitMs = Math.min(waitMsMax, waitMs * 2)
    if (nowShown().connection === 'live') show({ connection: 'connecting' })
    askOnce(signal).catch(() => {})
  }

  /** Back on the screen, or on the network: whoever looks should not wait for a timer. */
  function hurry(): void {
    if (document.visibilityState !== 'visible' || nowShown().connection === 'live') return
    waitMs = waitMsMin
    open()
  }

  document.addEventListener('visibilitychange', hurry, { signal })
  addEventListener('online', hurry, { signal })
  signal.addEventListener('abort', () => {
    clearTimeout(timer)
    source?.close()
  })
  open()
}

function listen(source: EventSource, heard: () => void): void {
  source.addEventListener('stats', ({ data }) => {
    takeStats(JSON.parse(data) as MetricsSnapshot)
    heard()
  })
  source.addEventListener('invalidation', ({ data }) => takeLine('invalidations', readLine(data)))
  source.addEventListener('alert', ({ data }) => takeLine('alerts', readLine(data)))
  source.addEventListener('audit', ({ data }) => takeLine('audits', readLine(data)))
  source.addEventListener('warming', ({ data }) => takeWarming(readLine(data)))
  source.addEventListener('queue', ({ data }) => takeLine('batches', readLine(data)))
}

async function askOnce(signal: AbortSignal): Promise<void> {
  try {
    takeStats(await readApi<MetricsSnapshot>('stats', signal))
    if (nowShown().connection !== 'live') show({ connection: 'polling' })
  } catch (error) {
    if (!(error instanceof ApiError)) return
    if (error.status === 401) return forget('The session has ended. Log in again.')
    if (nowShown().connection !== 'live') show({ connection: 'lost' })
  }
}
