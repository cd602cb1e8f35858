/** `l1`: bytes that a structure keeps for an entry, beside the key and the value. */

import type { Measurement, Role } from '../measure/contestant.ts'
import { retainedBytes } from '../measure/retained-bytes.ts'
import type { Items } from '../subjects/cache-subject.ts'
import { openCacheableMemoryL1 } from '../subjects/cacheable-memory-l1.ts'
import { item } from '../subjects/item.ts'
import type { L1Subject, OpenL1Subject } from '../subjects/l1-subject.ts'
import { openLruCacheL1 } from '../subjects/lru-cache-l1.ts'
import { openMapL1 } from '../subjects/map-l1.ts'
import { openTiercelL1 } from '../subjects/tiercel-l1.ts'
import type { MeasureSettings } from './measure-settings.ts'

const lanes: readonly { readonly role: Role; readonly open: OpenL1Subject }[] = [
  { role: 'limit', open: openMapL1 },
  { role: 'ours', open: openTiercelL1 },
  { role: 'peer', open: (items) => openLruCacheL1(items, 'none') },
  { role: 'peer', open: (items) => openLruCacheL1(items, 'ttl') },
  { role: 'peer', open: openCacheableMemoryL1 },
]

/** The size whose rows have no number in their names. */
const namelessSize = 100_000

/** As filled, and once more after each entry was read, since reads may leave something with it. */
export async function l1Bytes(settings: MeasureSettings): Promise<Measurement[]> {
  const { keys: count } = settings
  const size = count === namelessSize ? '' : `, ${count} keys`
  return [
    await measured(`bytes per entry${size}`, settings, () => undefined),
    await measured(`bytes per entry after a read${size}`, settings, readAll),
  ]
}

async function measured(
  name: string,
  { keys: count, rounds }: MeasureSettings,
  afterwards: (subject: L1Subject, items: Items) => void,
): Promise<Measurement> {
  const items = new Map(Array.from({ length: count }, (_, id) => [`product:${id}`, item(id)]))
  const filled = (open: OpenL1Subject, some: Items): L1Subject => {
    const subject = open(some)
    afterwards(subject, some)
    return subject
  }
  const series = []
  for (const { role, open } of lanes) {
    // The code that the first use compiles is no part of an entry.
    const first = filled(open, new Map([...items].slice(0, 1000)))
    first.close()
    const samples: number[] = []
    for (let round = 0; round < rounds; round += 1) {
      const make = (): L1Subject => filled(open, items)
      samples.push((await retainedBytes(make, (subject) => subject.close())) / count)
    }
    series.push({ name: first.name, role, samples })
  }
  return { suite: 'l1', case: name, unit: 'B', better: 'lower', series }
}

function readAll(subject: L1Subject, items: Items): void {
  for (const key of items.keys()) subject.hits({ keys: [key], mask: 0, sumOfIds: () => 0 }, 1)
}
