/** `l1`: the structures by themselves, without `await`: hits, overwrites, new keys that evict. */

import type { Contestant, Measurement, Role } from '../measure/contestant.ts'
import { interleave } from '../measure/interleave.ts'
import type { Items } from '../subjects/cache-subject.ts'
import { openCacheableMemoryL1 } from '../subjects/cacheable-memory-l1.ts'
import { item } from '../subjects/item.ts'
import type { L1Subject } from '../subjects/l1-subject.ts'
import { openLruCacheL1 } from '../subjects/lru-cache-l1.ts'
import { openMapL1 } from '../subjects/map-l1.ts'
import { type ReadSequence, readSequence } from '../subjects/read-sequence.ts'
import { openTiercelL1 } from '../subjects/tiercel-l1.ts'
import type { MeasureSettings } from './measure-settings.ts'

interface Lane {
  readonly role: Role
  readonly subject: L1Subject
}

const zipfSkew = 0.99
/** However slow a structure is: fewer would be a benchmark of the clock. */
const operationsMin = 10_000

export async function l1Structures(settings: MeasureSettings): Promise<Measurement[]> {
  const { keys: count } = settings
  const items = new Map(Array.from({ length: count }, (_, id) => [`product:${id}`, item(id)]))
  const lanes = openAll(items)
  const keys = [...items.keys()]
  // Long enough that a pass does not run out of it: the sequence is the larger of the two powers.
  const length = 2 ** Math.max(19, Math.ceil(Math.log2(count)))
  const zipf = readSequence({ keys, skew: zipfSkew, length })
  const uniform = readSequence({ keys, skew: 0, length })
  const timed = async (name: string, contestants: readonly Contestant[], operationsMax: number) =>
    ({
      suite: 'l1',
      case: name,
      unit: 'ns',
      better: 'lower',
      series: await interleave(contestants, {
        ...settings,
        operations: { min: Math.min(operationsMin, operationsMax), max: operationsMax },
      }),
    }) satisfies Measurement

  return [
    await timed(`hit, ${count} keys, Zipf`, hits(lanes, zipf), length),
    await timed(`hit, ${count} keys, uniform`, hits(lanes, uniform), length),
    await timed(`overwrite, ${count} keys, Zipf`, overwrites(lanes, zipf, count), length),
    // Last, since it empties the structures of the keys that the others read.
    await timed(`new key with eviction, ${count} keys`, inserts(lanes, count), count),
  ]
}

function openAll(items: Items): readonly Lane[] {
  return [
    { role: 'limit', subject: openMapL1(items) },
    { role: 'ours', subject: openTiercelL1(items) },
    { role: 'peer', subject: openLruCacheL1(items, 'none') },
    { role: 'peer', subject: openLruCacheL1(items, 'ttl') },
    { role: 'peer', subject: openCacheableMemoryL1(items) },
  ]
}

function hits(lanes: readonly Lane[], sequence: ReadSequence): Contestant[] {
  return lanes.map(({ role, subject }) => ({
    name: subject.name,
    role,
    pass: (operations) => subject.hits(sequence, operations),
    expected: (operations) => operations,
  }))
}

function overwrites(lanes: readonly Lane[], sequence: ReadSequence, entries: number): Contestant[] {
  return lanes.map(({ role, subject }) => ({
    name: subject.name,
    role,
    pass: (operations) => subject.overwrite(sequence, operations),
    expected: () => entries,
  }))
}

function inserts(lanes: readonly Lane[], entries: number): Contestant[] {
  return lanes.map(({ role, subject }) => {
    let drawn = 0
    let keys: readonly string[] = []
    return {
      name: subject.name,
      role,
      prepare: () => {
        keys = newKeys(drawn, entries)
        drawn += entries
      },
      pass: (operations) => subject.insert(keys, operations),
      expected: () => entries,
    }
  })
}

/** Keys that nobody has seen. A string is hashed at its first use, which must not be timed. */
function newKeys(from: number, count: number): readonly string[] {
  const keys = Array.from({ length: count }, (_, at) => `new:${from + at}`)
  return [...new Set(keys)]
}
