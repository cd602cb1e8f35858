/** What the pages show, in one place: the live stream writes it, views read it. */

import { useEffect, useState } from 'preact/hooks'
import type { MetricsSnapshot } from 'tiercel'
import type { AlertLine, AuditLine, BatchLine, InvalidationLine, WarmingLine } from '../api/wire.ts'
import { appended, prepended } from './ring.ts'
import { type Sample, sampleBetween } from './sample.ts'

/**
 * `live`: pushed each second. `polling`: the stream does not stand, single calls are answered.
 * `lost`: nothing answers.
 */
export type Connection = 'connecting' | 'live' | 'polling' | 'lost'
export type Session = 'unknown' | 'closed' | 'open'

export interface Shown {
  readonly session: Session
  /** `read`: whatever changes something is switched off. */
  readonly role: 'read' | 'write'
  /** Why one has to log in again; empty: nothing went wrong. */
  readonly sessionWords: string
  readonly connection: Connection
  readonly stats: MetricsSnapshot | undefined
  /** By `performance.now`, which no clock that is set can turn back. */
  readonly receivedMs: number
  readonly samples: readonly Sample[]
  readonly invalidations: readonly InvalidationLine[]
  readonly warmings: readonly WarmingLine[]
  readonly alerts: readonly AlertLine[]
  readonly audits: readonly AuditLine[]
  readonly batches: readonly BatchLine[]
}

/** Five minutes at one a second: what a chart shows. */
const samplesMax = 300
const linesMax = 200

const begun: Shown = {
  session: 'unknown',
  role: 'write',
  sessionWords: '',
  connection: 'connecting',
  stats: undefined,
  receivedMs: 0,
  samples: [],
  invalidations: [],
  warmings: [],
  alerts: [],
  audits: [],
  batches: [],
}

let shown: Shown = begun
const listeners = new Set<() => void>()

export function nowShown(): Shown {
  return shown
}

export function show(change: Partial<Shown>): void {
  shown = { ...shown, ...change }
  for (const listener of listeners) listener()
}

export function useShown(): Shown {
  const [, redraw] = useState(shown)
  useEffect(() => {
    const listener = () => redraw(shown)
    listeners.add(listener)
    listener()
    return () => void listeners.delete(listener)
  }, [])
  return shown
}

/** Takes one snapshot in; charts begin anew where its counts are not those of the one before. */
export function takeStats(stats: MetricsSnapshot): void {
  const { stats: before, samples } = shown
  const sample = before === undefined ? undefined : sampleBetween(before, stats)
  const repeated = before?.instance === stats.instance && before.at === stats.at
  const kept = sample === undefined && !repeated ? [] : samples
  show({
    stats,
    receivedMs: performance.now(),
    samples: sample === undefined ? kept : appended(kept, sample, samplesMax),
  })
}

export function takeLine<T extends 'invalidations' | 'alerts' | 'audits' | 'batches'>(
  list: T,
  line: Shown[T][number],
): void {
  const lines = prepended(shown[list] as readonly (typeof line)[], line, linesMax)
  show({ [list]: lines } as Partial<Shown>)
}

/** A run of warming tells of itself again and again; the last word of each stands. */
export function takeWarming(line: WarmingLine): void {
  const running = (one: WarmingLine): boolean =>
    one.pattern === line.pattern &&
    one.reason === line.reason &&
    (one.state === 'begun' || one.state === 'progress')
  const others =
    line.state === 'begun' ? shown.warmings : shown.warmings.filter((one) => !running(one))
  show({ warmings: prepended(others, line, linesMax) })
}

/** Logged out: nothing that was shown may stay on the screen. */
export function forget(sessionWords: string): void {
  show({ ...begun, session: 'closed', sessionWords })
}
