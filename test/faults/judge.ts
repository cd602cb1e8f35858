/**
 * Compares what was read with what the source held. Knows from those who write when a change had ended,
 * and from those who break things who was connected; asks the caches nothing.
 *
 * A version is outdated from the end of a protected write, or of an answered removal, that covers it.
 * A read that begins later than the bound after that must not answer it.
 */

import { type Cover, CoverList } from './cover-list.ts'
import type { Note, ReadRecord, Stall, TrafficLog, WriteRecord } from './messages.ts'
import type { RowSource } from './row-source.ts'
import type { Tally } from './tally.ts'
import type { Fault, Timeline } from './timeline.ts'

/** For one whose way to the server was well for as long. */
export const CONNECTED_MS = 1000
/** For all others: `maxBlindness`. */
const BLIND_MS = 5000
const BUDGET_SLACK_MS = 100
const MAX_FINDINGS = 20
/** Of what the cache told around a finding, the latest. */
const MAX_NOTES = 12

export interface JudgeParts {
  readonly source: RowSource
  readonly timeline: Timeline
  readonly tally: Tally
  readonly hardMs: number
}

interface HeardRead extends ReadRecord {
  readonly instance: string
}

export class Judge {
  readonly #parts: JudgeParts
  readonly #covers = new Map<string, CoverList>()
  readonly #notes = new Map<string, Note[]>()
  readonly #stalls = new Map<string, Stall[]>()
  /** By instance and key: the cover that was last lagged behind, and for how long. */
  readonly #lags = new Map<string, number>()
  #reads: HeardRead[] = []
  #ends: (Cover & { readonly key: string })[] = []

  constructor(parts: JudgeParts) {
    this.#parts = parts
  }

  hear(instance: string, { reads, writes, notes, stalls }: TrafficLog): void {
    for (const read of reads) this.#reads.push({ ...read, instance })
    for (const write of writes) this.#wrote(write)
    this.#notes.set(instance, [...(this.#notes.get(instance) ?? []), ...notes])
    for (const stall of stalls) this.stalled([instance], stall)
  }

  /** These had no turn, or not the turns of what lies between them and the server. */
  stalled(instances: readonly string[], stall: Stall): void {
    const { tally, timeline } = this.#parts
    // A process that was stopped on purpose is no news.
    if (!instances.some((one) => timeline.isBroken(one, stall.from, stall.to))) {
      tally.stalls += 1
      tally.longestStallMs = Math.max(tally.longestStallMs, stall.to - stall.from)
    }
    for (const instance of instances) {
      timeline.wasBroken(instance, stall)
      this.#stalls.set(instance, [...(this.#stalls.get(instance) ?? []), stall])
    }
  }

  /** Of all that was heard. To be called when every end that concerns these reads has been heard. */
  judge(instances: readonly string[]): void {
    const { tally, timeline } = this.#parts
    for (const read of this.#reads) this.#judge(read)
    for (const { at } of this.#ends) {
      const connected = (instance: string): boolean =>
        !timeline.isBroken(instance, at - CONNECTED_MS, at + CONNECTED_MS)
      tally.pairs += instances.filter(connected).length
    }
    tally.lagsMs.push(...this.#lags.values())
    this.#lags.clear()
    this.#reads = []
    this.#ends = []
    for (const notes of this.#notes.values()) notes.splice(0, notes.length - 500)
    for (const stalls of this.#stalls.values()) stalls.splice(0, stalls.length - 100)
  }

  #wrote({ rows, outcome, ended, kind, error }: WriteRecord): void {
    const { tally, source } = this.#parts
    tally.writes += 1
    if (outcome === 'unprotected') tally.unprotectedWrites += 1
    if (outcome === 'failed') {
      tally.failedWrites += 1
      if (tally.failedWrites <= 3) this.#tell(`A write (${kind}) was rejected: ${error}`)
    }
    if (outcome !== 'done') return
    for (const { key, version } of rows) {
      const index = source.indexOf(key, version)
      if (index === undefined) continue
      this.#coversOf(key).add({ at: ended, index })
      this.#ends.push({ key, at: ended, index })
    }
  }

  #judge(read: HeardRead): void {
    const { tally, timeline, source } = this.#parts
    const { key, version, began, ended, instance, tier, look, error } = read
    if (!look) this.#count(read)
    this.#judgeTime(read)
    if (error !== undefined) return
    const index = version === undefined ? -1 : source.indexOf(key, version)
    if (index === undefined) {
      tally.staleReads += 1
      this.#tell(this.#describe(read, 'what the source has never held'))
      return
    }
    const outdated = this.#coversOf(key).firstAbove(index)
    if (outdated === undefined) return
    const lagMs = began - outdated.at
    const connected = !timeline.isBroken(instance, began - CONNECTED_MS, ended)
    if (connected && lagMs > 0) this.#lag(`${instance} ${key} ${outdated.at}`, lagMs)
    if (lagMs <= (connected ? CONNECTED_MS : BLIND_MS)) return
    tally.staleReads += 1
    const state = connected ? 'connected' : 'cut off'
    const what = `a version outdated for ${Math.round(lagMs)} ms, while ${state}, from ${tier}`
    this.#tell(this.#describe(read, what, outdated))
  }

  #count(read: HeardRead): void {
    const { error, began, tier } = read
    const { tally, timeline } = this.#parts
    tally.reads += 1
    if (error === undefined) tally.answered += 1
    else if (tally.reads - tally.answered <= 3) this.#tell(this.#describe(read, 'a rejection'))
    const phase = timeline.phaseAt(began)
    if (phase === undefined || tier === 'unknown') return
    tally.hits[phase].reads += 1
    if (tier === 'memory') tally.hits[phase].hits += 1
  }

  #judgeTime(read: HeardRead): void {
    const { tally, hardMs } = this.#parts
    const { began, ended, instance } = read
    if (ended - began <= hardMs + BUDGET_SLACK_MS) return
    // Time in which the process had no turn is nobody's.
    const stalls = this.#stalls.get(instance) ?? []
    const stalledMs = stalls.reduce(
      (sum, { from, to }) => sum + Math.max(0, Math.min(to, ended) - Math.max(from, began)),
      0,
    )
    if (ended - began - stalledMs <= hardMs + BUDGET_SLACK_MS) return
    tally.overBudgetReads += 1
    this.#tell(this.#describe(read, `after ${Math.round(ended - began)} ms, which is too late`))
  }

  #lag(pair: string, lagMs: number): void {
    this.#lags.set(pair, Math.max(lagMs, this.#lags.get(pair) ?? 0))
  }

  #coversOf(key: string): CoverList {
    const covers = this.#covers.get(key) ?? new CoverList()
    this.#covers.set(key, covers)
    return covers
  }

  #tell(finding: string): void {
    const { findings } = this.#parts.tally
    if (findings.length < MAX_FINDINGS) findings.push(finding)
  }

  #describe(read: HeardRead, what: string, outdated?: Cover): string {
    const { source, timeline } = this.#parts
    const { instance, key, version, began, ended, stale, error, look } = read
    const seconds = (at: number): string => `${((at - began) / 1000).toFixed(3)} s`
    const held = source.commits(key)
    const from = Math.max(0, (version === undefined ? 0 : (source.indexOf(key, version) ?? 0)) - 1)
    const commits = held.slice(from, from + 6).map((one) => `${one.version} at ${seconds(one.at)}`)
    const near = (fault: Fault): boolean => fault.from < ended && fault.to > began - 15_000
    const faults = timeline.faults
      .filter(near)
      .map(({ kind, from: f, to, detail }) => `${kind} ${detail} ${seconds(f)} to ${seconds(to)}`)
    const notes = (this.#notes.get(instance) ?? [])
      .filter(({ at }) => at > began - 8000 && at < ended + 500)
      .slice(-MAX_NOTES)
      .map(({ at, text }) => `    ${seconds(at)} ${text.slice(0, 200)}`)
    return [
      `${instance} answered ${key} with ${version ?? error ?? 'nothing'}: ${what}${stale ? ', marked stale' : ''}${look ? ' (a look)' : ''}.`,
      `  The source held, counted from the read's beginning: ${commits.join(', ')}.`,
      ...(outdated ? [`  Told to all at ${seconds(outdated.at)}.`] : []),
      `  Faults: ${faults.join('; ') || 'none'}.`,
      ...(notes.length > 0 ? ['  The cache said:', ...notes] : []),
    ].join('\n')
  }
}
