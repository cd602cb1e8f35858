/** Noting reads, cleaning up, and the lock of clean-ups, as they travel over a `FaultyLink`. */

import type { SweepIdleAnswer } from '../../src/contracts/idle-steps.ts'
import type { LockSteps } from '../../src/contracts/lock-steps.ts'
import type { IdleLink } from '../../src/shard/index.ts'
import type { Step } from './shard-site.ts'

type Ask = <T>(shard: number, step: Step<T>) => Promise<T>

export interface CleanUpLink {
  readonly locks: LockSteps
  readonly idle: IdleLink
}

/** Where the locks are, and how far clean-ups have come. */
const LOCKS = 0

export function cleanUpLink(ask: Ask, shards: number): CleanUpLink {
  const onLocks = <T>(name: string, run: Step<T>['run']): Promise<T> =>
    ask(LOCKS, { name, kind: 'removal', run })
  return {
    locks: {
      acquire: (request) => onLocks('lock', ({ locks }) => locks.acquire(request)),
      renew: (request) => onLocks('renew lock', ({ locks }) => locks.renew(request)),
      release: (request) => onLocks('unlock', ({ locks }) => locks.release(request)),
      remaining: (name) => onLocks('look at lock', ({ locks }) => locks.remaining(name)),
    },
    idle: {
      note: (shard, keys) =>
        ask(shard, {
          name: `note ${keys.map(({ id }) => id).join(' ')}`,
          kind: 'write',
          run: ({ engine }) => engine.noteRead(keys),
        }),
      fence: (shard, token) =>
        ask(shard, {
          name: `fence ${token}`,
          kind: 'removal',
          cleans: { token },
          run: ({ engine }) => void engine.fenceCleanUp(token),
        }),
      sweep: (request) => {
        const { shard, within } = placeOf(request.cursor)
        return ask(shard, {
          name: `sweep ${request.token}`,
          kind: 'removal',
          cleans: { token: request.token },
          run: ({ engine }): SweepIdleAnswer => {
            const swept = engine.sweepIdle({ ...request, cursor: within })
            if (swept === undefined) return { kind: 'overtaken' }
            return { kind: 'swept', ...swept, cursor: cursorAfter(shard, swept.cursor, shards) }
          },
        })
      },
      saved: () => onLocks('look at clean-up', ({ locks }) => locks.cleanUp()),
      save: (note) =>
        onLocks(`save clean-up ${note.token}`, ({ locks }) => locks.saveCleanUp(note)),
    },
  }
}

/** A cursor leads through one shard after the other. */
function placeOf(cursor: string | undefined): {
  readonly shard: number
  readonly within: string | undefined
} {
  if (cursor === undefined) return { shard: 0, within: undefined }
  const at = cursor.indexOf(' ')
  const within = cursor.slice(at + 1)
  return { shard: Number(cursor.slice(0, at)), within: within === '' ? undefined : within }
}

function cursorAfter(
  shard: number,
  within: string | undefined,
  shards: number,
): string | undefined {
  if (within !== undefined) return `${shard} ${within}`
  return shard + 1 < shards ? `${shard + 1} ` : undefined
}
