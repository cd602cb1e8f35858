/** One `MGET` for all that a tick asks for: the fastest way for many callers to read single keys. */

import type { RawRedis } from './raw-redis.ts'

type Answer = (text: string | null) => void

/** A `get` over `raw`. The keys of one tick are bounded by its callers. */
export function tickReads(raw: Pick<RawRedis, 'mget'>): (key: string) => Promise<string | null> {
  let keys: string[] = []
  let answers: Answer[] = []
  let failures: ((error: unknown) => void)[] = []
  const send = (): void => {
    const asked = { keys, answers, failures }
    keys = []
    answers = []
    failures = []
    raw.mget(asked.keys).then(
      (texts) => {
        for (const [at, answer] of asked.answers.entries()) answer(texts[at] ?? null)
      },
      (error) => {
        for (const fail of asked.failures) fail(error)
      },
    )
  }
  return (key) =>
    new Promise((resolve, reject) => {
      if (keys.length === 0) process.nextTick(send)
      keys.push(key)
      answers.push(resolve)
      failures.push(reject)
    })
}
