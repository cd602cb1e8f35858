/** A process that reads a working set at a steady pace. Started by the suite `fresh`. */

import { setTimeout as pause } from 'node:timers/promises'
import { freshEntrants } from '../subjects/fresh/fresh-entrants.ts'
import { item } from '../subjects/item.ts'
import { seededRandom } from '../traces/seeded-random.ts'
import { zipfRanks } from '../traces/zipf-ranks.ts'
import { answerParent } from './answer-parent.ts'
import { hostNow } from './host-clock.ts'
import type { ReaderAnswer, ReaderQuestion } from './reader-question.ts'
import { untilHostTime } from './until-host-time.ts'

const entries = 10_000
/** Of a load: a read that took longer has waited for one. */
const waitedShare = 0.5

/** While they are noted. */
type NotedReads = {
  -readonly [C in keyof ReaderAnswer['reads']]: ReaderAnswer['reads'][C][number][]
}

const [, , port] = process.argv

answerParent<ReaderQuestion>(async (question) => {
  const { subject: name, seed, keys, skew, rate, ttlMs, loadMs, at, from, until } = question
  const entrant = freshEntrants[name]
  if (entrant === undefined) throw new Error(`There is no subject ${name}.`)
  const loads: (readonly [number, number])[] = []
  const subject = await entrant.open({
    port: Number(port),
    ttlMs,
    entries,
    load: async (key) => {
      loads.push([Number(key), hostNow()])
      await pause(loadMs)
      return item(Number(key))
    },
  })
  const rank = zipfRanks(keys, skew, seededRandom(seed))
  const noted = { keys: [], at: [], answeredMs: [], waited: [] } as NotedReads
  const reads = new Set<Promise<void>>()
  const read = async (due: number): Promise<void> => {
    const key = rank()
    const startedAt = hostNow()
    const place = startedAt < from ? -1 : noted.keys.push(key) - 1
    await subject.get(String(key))
    const endedAt = hostNow()
    if (place < 0) return
    noted.at[place] = startedAt
    noted.answeredMs[place] = endedAt - due
    noted.waited[place] = endedAt - startedAt > loadMs * waitedShare ? 1 : 0
  }
  await untilHostTime(at)
  for (let next = 0; ; next += 1) {
    const due = at + (next * 1000) / rate
    if (due >= until) break
    await untilHostTime(due)
    const reading = read(due)
    reads.add(reading)
    void reading.finally(() => reads.delete(reading))
  }
  await Promise.all(reads)
  await subject.close()
  const counted = loads.filter(([, loadedAt]) => loadedAt >= from)
  return { reads: noted, loads: counted } satisfies ReaderAnswer
})
