/**
 * `stats`: what observing costs. Statistics, histograms and a listener to each kind of event on, against
 * a cache of the same kind with all of it off, in turns.
 */

import { allocatedBytes } from '../measure/allocated-bytes.ts'
import type { Contestant, Measurement, Series } from '../measure/contestant.ts'
import { interleave } from '../measure/interleave.ts'
import { openAsyncMap } from '../subjects/async-map.ts'
import type { CacheSubject } from '../subjects/cache-subject.ts'
import { item } from '../subjects/item.ts'
import { readSequence } from '../subjects/read-sequence.ts'
import { openObserved, openUnobserved } from '../subjects/tiercel-observed.ts'
import type { MeasureSettings } from './measure-settings.ts'

const operations = { min: 2000, max: 2_000_000 }
const readsInSequence = 16_384

/** What a hit may cost more, in percent. */
const allowed = 10

export async function statsTime({ keys, rounds, passMs }: MeasureSettings): Promise<Measurement[]> {
  await using subjects = await openSubjects(keys)
  const { limit, on, off, again } = subjects
  const contestants = [limit, on, off, again]
  const series = await interleave(contestants, { rounds, passMs, operations })
  const [, ofOn, ofOff, ofAgain] = series as [Series, Series, Series, Series]
  const cost = [
    { name: on.name, role: 'ours', samples: costOf(ofOn, ofOff) },
    // What comes out where nothing is different: how far the figures can be trusted.
    { name: 'nothing against nothing', role: 'limit', samples: costOf(ofAgain, ofOff) },
    { name: 'allowed', role: 'peer', samples: ofOff.samples.map(() => allowed) },
  ] as const
  const shown = { suite: 'stats', better: 'lower' } as const
  return [
    { ...shown, case: 'hit with statistics', unit: 'ns', series: series.slice(0, 3) },
    { ...shown, case: 'cost of statistics per hit', unit: '%', series: cost },
  ]
}

export async function statsBytes({ keys, rounds }: MeasureSettings): Promise<Measurement[]> {
  await using subjects = await openSubjects(keys)
  const { limit, on, off } = subjects
  const series = await allocatedBytes([limit, on, off], rounds)
  return [
    { suite: 'stats', case: 'bytes per hit with statistics', unit: 'B', better: 'lower', series },
  ]
}

/** By rounds, in which both ran one after the other. */
function costOf(one: Series, other: Series): number[] {
  return one.samples.map((ns, round) => (ns / (other.samples[round] ?? ns) - 1) * 100)
}

interface Subjects extends AsyncDisposable {
  readonly limit: Contestant
  /** With statistics, and without. */
  readonly on: Contestant
  readonly off: Contestant
  readonly again: Contestant
}

async function openSubjects(count: number): Promise<Subjects> {
  const items = new Map(Array.from({ length: count }, (_, id) => [`product:${id}`, item(id)]))
  const sequence = readSequence({ keys: [...items.keys()], skew: 0, length: readsInSequence })
  const open: CacheSubject[] = []
  const enter = async (
    role: Contestant['role'],
    opening: Promise<CacheSubject>,
  ): Promise<Contestant> => {
    const subject = await opening
    open.push(subject)
    const pass = (wanted: number): Promise<number> => subject.read(sequence, wanted)
    return { name: subject.name, role, pass, expected: sequence.sumOfIds }
  }
  return {
    limit: await enter('limit', openAsyncMap(items)),
    on: await enter('ours', openObserved(items)),
    off: await enter('peer', openUnobserved(items)),
    again: await enter('peer', openUnobserved(items)),
    async [Symbol.asyncDispose]() {
      for (const subject of open) await subject.close()
    },
  }
}
