/**
 * Both sides under the same load, in turns. Called by `load.ts`.
 *
 * What would favour one of them is kept out: both are the same program on the same kind of source, with
 * the same connections and the same requests; both run all the time, while one is loaded; and they take
 * turns in changing order, so that a machine that slows down slows both.
 */

import { setTimeout as pause } from 'node:timers/promises'
import { quantile } from '../measure/quantile.ts'
import type { LoadOptions } from './load-options.ts'
import { openPlaces } from './load-places.ts'
import type { LoadRatios, LoadReport, LoadSetting, SideReport } from './load-report.ts'
import { boundsOf, openSide, type Side, type SideName } from './open-side.ts'
import { type PassResult, runPass } from './run-pass.ts'
import { sideReport } from './side-report.ts'

const WARM_UP_SECONDS = 1
/** Answers that a pass no longer waits for are worked off in this time. */
const BETWEEN_PASSES_MS = 1_000

export async function runLoad(
  options: LoadOptions,
  setting: LoadSetting,
  tell: (line: string) => void,
): Promise<LoadReport> {
  await using places = await openPlaces(options)
  const { folder, servers } = places
  await using off = await openSide('off', options, places.of.off)
  await using on = await openSide('on', options, places.of.on)
  const sides = { on, off }
  for (const side of [off, on]) {
    await side.load({ seconds: WARM_UP_SECONDS, observations: `${folder}/none`, warmUp: true })
  }
  const results: Record<SideName, PassResult[]> = { on: [], off: [] }
  for (const name of turns(options.passes)) {
    await pause(BETWEEN_PASSES_MS)
    const result = await runPass(sides[name], { seconds: options.seconds, folder, servers })
    results[name].push(result)
    tell(passLine(name, result))
  }
  const reported = async (side: Side): Promise<SideReport> =>
    sideReport(results[side.name], await side.judge.compare())
  const [with_, without] = [await reported(on), await reported(off)]
  const { json: _, chart: __, markdown: ___, readsPerWrite, ...load } = options
  return {
    setting,
    load: { ...load, readsPerWrite: Number.isFinite(readsPerWrite) ? readsPerWrite : null },
    bounds: boundsOf(options.instances),
    on: with_,
    off: without,
    ratios: ratios(with_, without),
  }
}

/** off on, on off, off on … */
function turns(passes: number): readonly SideName[] {
  return Array.from({ length: passes }, (_, pass): readonly SideName[] =>
    pass % 2 === 0 ? ['off', 'on'] : ['on', 'off'],
  ).flat()
}

function passLine(name: SideName, { pass, judged }: PassResult): string {
  const { requestsPerSecond, source, latencyMs } = pass
  return [
    name === 'on' ? 'with the cache   ' : 'without a cache  ',
    `${Math.round(requestsPerSecond)} requests/s`,
    `reads p99 ${latencyMs.read.p99.toFixed(1)} ms`,
    `${source.reads + source.writes} statements`,
    `${judged.stale} stale so far`,
  ].join(', ')
}

function ratios(on: SideReport, off: SideReport): LoadRatios {
  const statements = ({ source }: SideReport): number => source.reads + source.writes
  const [mine, theirs] = [processorOf(on), processorOf(off)]
  return {
    requestsPerSecond: pairedRatio(on, off),
    sourceStatements: statements(off) / Math.max(1, statements(on)),
    sourceReads: off.source.reads / Math.max(1, on.source.reads),
    sourceStatementsByRequest: off.sourceByThousandRequests / on.sourceByThousandRequests,
    processorByRequest: mine && theirs && theirs / mine,
    readP50: off.latencyMs.read.p50 / on.latencyMs.read.p50,
    readP99: off.latencyMs.read.p99 / on.latencyMs.read.p99,
  }
}

/**
 * Each pass beside the one of the other side that was made next to it: a machine that others use too may
 * be three times as fast a minute later.
 */
function pairedRatio(on: SideReport, off: SideReport): number {
  const ratios = on.passes.map(
    (pass, at) => pass.requestsPerSecond / (off.passes[at]?.requestsPerSecond ?? Number.NaN),
  )
  return quantile(
    ratios.toSorted((a, b) => a - b),
    0.5,
  )
}

function processorOf({ processorByThousandRequests: time }: SideReport): number | undefined {
  return time && time.shop + time.redis + time.database
}
