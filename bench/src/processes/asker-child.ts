/** A process of a stampede: many callers who ask for one key. Started by the suite `stampede`. */

import { item } from '../subjects/item.ts'
import { loadingEntrants } from '../subjects/redis/loading-subjects.ts'
import type { LoadingSubject } from '../subjects/redis/redis-subject.ts'
import { SlowSource } from '../suites/slow-source.ts'
import { answerParent } from './answer-parent.ts'
import type { AskerAnswer, AskerQuestion } from './asker-question.ts'
import { hostNow } from './host-clock.ts'
import { untilHostTime } from './until-host-time.ts'

/** Slow enough that everybody is there before the value is. */
const loadMs = 200
const entries = 10_000

const [, , port] = process.argv
const subjects = new Map<string, LoadingSubject>()
for (const [name, { open }] of Object.entries(loadingEntrants)) {
  subjects.set(name, await open({ port: Number(port), tiers: 'memory and redis', entries }))
}

answerParent<AskerQuestion>(async ({ subject: name, key, callers, at }) => {
  const subject = subjects.get(name)
  if (subject === undefined) throw new Error(`There is no subject ${name}.`)
  const source = new SlowSource(loadMs)
  const ask = async (): Promise<number> => {
    const startedAt = hostNow()
    const found = await subject.getOrLoad(key, () => source.load(item(1)))
    if (found !== 1) throw new Error(`${name} answered ${found}.`)
    return hostNow() - startedAt
  }
  await untilHostTime(at)
  const waitsMs = await Promise.all(Array.from({ length: callers }, ask))
  return { loads: source.loads, waitsMs } satisfies AskerAnswer
})
