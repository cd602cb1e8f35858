/**
 * The subjects of the `hit` suite, open and filled: caches with several tiers (and lru-cache's own
 * read-through), asked for what they hold in this process.
 */

import type { Contestant, Role } from '../measure/contestant.ts'
import { openAsyncMap } from '../subjects/async-map.ts'
import { openBentocache } from '../subjects/bentocache.ts'
import { openCacheManager } from '../subjects/cache-manager.ts'
import type { CacheSubject } from '../subjects/cache-subject.ts'
import { openCacheable } from '../subjects/cacheable.ts'
import { item } from '../subjects/item.ts'
import { openLayeredLoader } from '../subjects/layered-loader.ts'
import { openLruCacheFetch } from '../subjects/lru-cache-fetch.ts'
import { readSequence } from '../subjects/read-sequence.ts'
import { openTiercel } from '../subjects/tiercel.ts'

/** One case of the suite: who takes part, under the name that stands in front of a row's case. */
export interface HitCase {
  readonly suffix: string
  readonly contestants: readonly Contestant[]
}

export interface HitCases extends AsyncDisposable {
  readonly cases: readonly HitCase[]
}

const readsInSequence = 16_384

/** Opens every subject with `count` records. A tenth of the entries of the tagged ones have a tag. */
export async function hitCases(count: number): Promise<HitCases> {
  const items = new Map(Array.from({ length: count }, (_, id) => [`product:${id}`, item(id)]))
  const keys = [...items.keys()]
  const sequence = readSequence({ keys, skew: 0, length: readsInSequence })
  const open: CacheSubject[] = []
  const enter = async (role: Role, opening: Promise<CacheSubject>): Promise<Contestant> => {
    const subject = await opening
    open.push(subject)
    const pass = (operations: number): Promise<number> => subject.read(sequence, operations)
    return { name: subject.name, role, pass, expected: sequence.sumOfIds }
  }
  const untagged = (): readonly string[] => []
  const tagged = (key: string): readonly string[] => (key.endsWith('0') ? ['lamps'] : [])

  const limit = await enter('limit', openAsyncMap(items))
  const plain = [
    limit,
    await enter('ours', openTiercel(items, { tiers: 'memory and sqlite', tagsOf: untagged })),
    await enter('peer', openLayeredLoader(items)),
    await enter('peer', openLruCacheFetch(items)),
    await enter('peer', openCacheManager(items)),
    await enter('peer', openCacheable(items)),
    await enter('peer', openBentocache(items, serialised(untagged))),
    await enter('peer', openBentocache(items, shared(untagged))),
  ]
  const withTags = [
    limit,
    await enter('ours', openTiercel(items, { tiers: 'memory and sqlite', tagsOf: tagged })),
    await enter('peer', openBentocache(items, serialised(tagged))),
    await enter('peer', openBentocache(items, shared(tagged))),
  ]
  return {
    cases: [
      { suffix: '', contestants: plain },
      { suffix: ', some entries tagged', contestants: withTags },
    ],
    [Symbol.asyncDispose]: async () => {
      for (const subject of open) await subject.close()
    },
  }
}

type TagsOf = (key: string) => readonly string[]

function serialised(tagsOf: TagsOf): Parameters<typeof openBentocache>[1] {
  return { name: 'bentocache', values: 'serialised', tagsOf }
}

function shared(tagsOf: TagsOf): Parameters<typeof openBentocache>[1] {
  return { name: 'bentocache, serialize: false', values: 'shared', tagsOf }
}
