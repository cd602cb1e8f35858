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
  const waitsMs: number[] = []
  const reads = new Set<Promise<void>>()
  let waited = 0
  const read = async (due: number): Promise<void> => {
    const startedAt = hostNow()
    await subject.get(String(rank()))
    const endedAt = hostNow()
    if (due < from) return
    waitsMs.push(endedAt - due)
    if (endedAt - startedAt > loadMs * waitedShare) waited += 1
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
  return { waitsMs, waited, loads } satisfies ReaderAnswer
})
