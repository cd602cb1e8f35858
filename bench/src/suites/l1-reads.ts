/** `l1`: hits through the whole cache, in-process tier only, with as many keys as the structures. */

import type { Contestant, Measurement, Role } from '../measure/contestant.ts'
import { interleave } from '../measure/interleave.ts'
import { openAsyncMap } from '../subjects/async-map.ts'
import type { CacheSubject } from '../subjects/cache-subject.ts'
import { item } from '../subjects/item.ts'
import { openLayeredLoader } from '../subjects/layered-loader.ts'
import { openLruCacheFetch } from '../subjects/lru-cache-fetch.ts'
import { readSequence } from '../subjects/read-sequence.ts'
import { openTiercel } from '../subjects/tiercel.ts'
import type { MeasureSettings } from './measure-settings.ts'

const zipfSkew = 0.99

export async function l1Reads({ keys: count, ...rest }: MeasureSettings): Promise<Measurement[]> {
  const items = new Map(Array.from({ length: count }, (_, id) => [`product:${id}`, item(id)]))
  const subjects: readonly { role: Role; subject: CacheSubject }[] = [
    { role: 'limit', subject: await openAsyncMap(items) },
    { role: 'ours', subject: await openTiercel(items, { tiers: 'memory', tagsOf: () => [] }) },
    { role: 'peer', subject: await openLayeredLoader(items) },
    { role: 'peer', subject: await openLruCacheFetch(items) },
  ]
  const length = 2 ** Math.max(19, Math.ceil(Math.log2(count)))
  const measurements: Measurement[] = []
  for (const [name, skew] of [
    ['Zipf', zipfSkew],
    ['uniform', 0],
  ] as const) {
    const sequence = readSequence({ keys: [...items.keys()], skew, length })
    const contestants = subjects.map(
      ({ role, subject }): Contestant => ({
        name: subject.name,
        role,
        pass: (operations) => subject.read(sequence, operations),
        expected: sequence.sumOfIds,
      }),
    )
    measurements.push({
      suite: 'l1',
      case: `getOrLoad hit, ${count} keys, ${name}`,
      unit: 'ns',
      better: 'lower',
      series: await interleave(contestants, { ...rest, operations: { min: 10_000, max: length } }),
    })
  }
  for (const { subject } of subjects) await subject.close()
  return measurements
}
