/** Makes the cases of `cacheSuite` that need one cache, opened as the subject opens it. */

import type { Cache } from '../contracts/cache.ts'
import type { CacheSubject } from './cache-subject.ts'
import type { ConformanceCase } from './conformance-case.ts'

export const withCache: WithCache = (name, run) => ({
  name,
  needs: [],
  async run(subject) {
    await using cache = subject.open()
    await run(cache, subject)
  },
})

type WithCache = (
  name: string,
  run: (cache: Cache, subject: CacheSubject) => Promise<void>,
) => ConformanceCase<CacheSubject>
