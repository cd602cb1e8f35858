/** What an instance does, from two looks at its figures. */

import type { Health, InstanceReport, MetricsSnapshot, PatternMetrics } from '../index.ts'
import { coherenceLine } from './coherence-line.ts'
import { bytes, count, counted, duration, percent } from './figures.ts'
import { fleetLines } from './fleet-lines.ts'
import { healthLines } from './health-lines.ts'
import { rateOf, seriesOf } from './snapshot-lines.ts'
import { textTable } from './text-table.ts'
import type { Tick, TickLine } from './tick.ts'

/** Patterns in the picture; the terminal cuts off what does not fit. */
const PATTERNS = 50

export interface Looks {
  readonly where: string
  /** `undefined`: this is the first; rates are those since the start. */
  readonly before: MetricsSnapshot | undefined
  readonly now: MetricsSnapshot
  readonly fleet: readonly InstanceReport[]
}

export function watchTick({ where, before, now, fleet }: Looks): Tick {
  // Another process answers, or it has started anew: nothing can be subtracted.
  const last = before?.instance === now.instance && before.forMs < now.forMs ? before : undefined
  const rates = ratesOf(last, now)
  return {
    at: now.at,
    lines: picture({ where, last, now, fleet, rates }),
    line: oneLine(now, rates),
    json: jsonOf(where, now, rates),
  }
}

/** In a second, of the time between the two looks. */
interface Rates {
  readonly reads: number
  readonly loads: number
  readonly writes: number
  readonly stale: number
  readonly invalidations: number
  /** Of the reads between them; `null`: there was none. */
  readonly hitRate: number | null
}

function ratesOf(before: MetricsSnapshot | undefined, now: MetricsSnapshot): Rates {
  const seconds = Math.max(0.001, (now.forMs - (before?.forMs ?? 0)) / 1_000)
  const { total } = now
  const since = (of: (metrics: PatternMetrics) => number): number =>
    of(total) - (before === undefined ? 0 : of(before.total))
  const reads = since(readsOf)
  return {
    reads: reads / seconds,
    loads: since(({ loads }) => loads.loaded) / seconds,
    writes:
      since(({ writes }) => writes.set + writes.create + writes.put + writes.remove) / seconds,
    stale: since(({ stale }) => stale) / seconds,
    invalidations: (now.invalidations.total - (before?.invalidations.total ?? 0)) / seconds,
    hitRate: reads === 0 ? null : since(({ hits }) => hits) / reads,
  }
}

function readsOf({ hits, misses }: PatternMetrics): number {
  return hits + misses
}

interface Picture extends Omit<Looks, 'before'> {
  readonly last: MetricsSnapshot | undefined
  readonly rates: Rates
}

function picture({ where, last, now, fleet, rates }: Picture): readonly TickLine[] {
  const { cache, instance, forMs, total, memory, shared, coherence, queues } = now
  const clock = `${new Date(now.at).toISOString().slice(11, 19)} UTC`
  const waiting = queues.reduce((sum, one) => sum + one.waiting, 0)
  const dead = queues.reduce((sum, one) => sum + one.dead, 0)
  const oldest = Math.max(0, ...queues.map(({ oldestMs }) => oldestMs))
  const memoryRow = `memory     ${counted(memory.entries, 'entry', 'entries')}${memory.bytes === 0 ? '' : `, ${bytes(memory.bytes)}`}${memory.filled === null ? '' : `, ${percent(memory.filled)} full`}`
  return [
    { text: `${cache}  ${instance}  up ${duration(forMs)}  ${clock}  ${where}`, tone: 'title' },
    ...toned(now.health, now.at),
    {
      text: `hit rate   ${percent(rates.hitRate)} of ${perSecond(rates.reads)}; since the start ${percent(total.hitRate)}, memory ${rateOf(total.memory)}, shared ${rateOf(total.shared)}`,
    },
    {
      text: `latency    ${['memory', 'shared', 'source'].map((tier) => latency(total, tier)).join('; ')}`,
    },
    {
      text: `work       ${perSecond(rates.loads)} loads, ${perSecond(rates.writes)} writes, ${perSecond(rates.invalidations)} invalidations, ${perSecond(rates.stale)} stale answers`,
    },
    {
      text: `${memoryRow}; shared ${shared === null ? 'away, or none' : `${counted(shared.entries, 'entry', 'entries')}, ${bytes(shared.bytes)}`}`,
    },
    ...(coherence === null
      ? []
      : [
          {
            text: coherenceLine(coherence),
            tone: coherence.connected < coherence.shards ? ('warn' as const) : ('plain' as const),
          },
        ]),
    ...(queues.length === 0
      ? []
      : [
          {
            text: `queue      ${counted(waiting, 'write waits', 'writes wait')}${waiting === 0 ? '' : `, the oldest for ${duration(oldest)}`}; ${counted(dead, 'dead letter')}`,
            tone: dead > 0 ? ('bad' as const) : ('plain' as const),
          },
        ]),
    { text: '' },
    ...table(patternRows(last, now)),
    ...(fleet.length === 0 ? [] : [{ text: '' }, ...table(fleetLines(fleet, now.at))]),
  ]
}

function toned(health: Health, now: number): readonly TickLine[] {
  const tone = { healthy: 'good', degraded: 'warn', unhealthy: 'bad' } as const
  return healthLines(health, now).map((text) => ({ text, tone: tone[health.state] }))
}

/** The first line is its header. */
function table(lines: readonly string[]): readonly TickLine[] {
  return lines.map((text, at) => ({ text, tone: at === 0 ? 'dim' : 'plain' }))
}

function perSecond(rate: number): string {
  return `${rate < 10 && rate > 0 ? rate.toFixed(1) : count(rate)}/s`
}

function latency({ latency: series }: PatternMetrics, tier: string): string {
  const found = seriesOf(series, 'get', tier)
  if (found === undefined || found.count === 0) return `${tier} -`
  return `${tier} p50 ${duration(found.p50Ms)}, p99 ${duration(found.p99Ms)}`
}

function patternRows(before: MetricsSnapshot | undefined, now: MetricsSnapshot): readonly string[] {
  const seconds = Math.max(0.001, (now.forMs - (before?.forMs ?? 0)) / 1_000)
  const known = new Map(before?.patterns.map((one) => [one.pattern, one]))
  const rows = now.patterns.slice(0, PATTERNS).map((one) => {
    const old = known.get(one.pattern)
    const loads = one.loads.loaded - (old?.loads.loaded ?? 0)
    const { grade, cause } = one.verdict
    return [
      one.pattern,
      perSecond((readsOf(one) - (old === undefined ? 0 : readsOf(old))) / seconds),
      percent(one.hitRate),
      rateOf(one.memory),
      perSecond(loads / seconds),
      duration(seriesOf(one.latency, 'load', 'source')?.p99Ms),
      cause === null ? grade : `${grade}: ${cause}`,
    ]
  })
  const right = 'right' as const
  return textTable(
    [
      { title: 'pattern', most: 32 },
      { title: 'reads', align: right },
      { title: 'hits', align: right },
      { title: 'memory', align: right },
      { title: 'loads', align: right },
      { title: 'p99 load', align: right },
      { title: 'verdict' },
    ],
    rows,
  )
}

function oneLine(now: MetricsSnapshot, rates: Rates): string {
  const { health, queues } = now
  const waiting = queues.reduce((sum, one) => sum + one.waiting, 0)
  const reasons = health.reasons.map(({ code, pattern }) => `${code} ${pattern}`).join(', ')
  return [
    new Date(now.at).toISOString().slice(11, 19),
    health.state,
    `reads ${perSecond(rates.reads)}`,
    `hits ${percent(rates.hitRate)}`,
    `loads ${perSecond(rates.loads)}`,
    `stale ${perSecond(rates.stale)}`,
    `waiting ${count(waiting)}`,
    ...(reasons === '' ? [] : [`(${reasons})`]),
  ].join('  ')
}

function jsonOf(where: string, now: MetricsSnapshot, rates: Rates): object {
  const { at, cache, instance, total, memory, shared, coherence, queues, health } = now
  const { hits, misses, hitRate } = total
  const sum = { hits, misses, hitRate, memory: total.memory, shared: total.shared }
  return {
    via: 'admin',
    where,
    at,
    cache,
    instance,
    perSecond: rates,
    total: sum,
    memory,
    shared,
    coherence,
    queues,
    health,
  }
}
