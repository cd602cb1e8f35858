/** Noting reads and removing what nobody reads, over several servers: one after the other. */

import type { SweepIdleAnswer, SweepIdleRequest } from '../../contracts/idle-steps.ts'
import type { IdleLink } from '../../shard/index.ts'
import type { RedisLink } from '../redis-link.ts'

interface Walk {
  /** Servers still to be walked; the first is being walked. */
  readonly servers: readonly string[]
  /** Of that server's own slices; absent: from its beginning. */
  readonly cursor?: string | undefined
}

export interface ServersIdleOptions {
  /** A step of one shard, where it lives. */
  readonly step: <T>(shard: number, run: (link: RedisLink) => Promise<T>) => Promise<T>
  /** A step on one server; `undefined`: on the one that has the locks. */
  readonly stepOn: <T>(
    server: string | undefined,
    run: (link: RedisLink) => Promise<T>,
  ) => Promise<T>
  readonly servers: () => readonly string[]
}

export function serversIdle({ step, stepOn, servers }: ServersIdleOptions): IdleLink {
  return {
    note: (shard, keys, everyMs) => step(shard, ({ idle }) => idle.note(shard, keys, everyMs)),
    fence: (shard, token) => step(shard, ({ idle }) => idle.fence(shard, token)),
    saved: () => stepOn(undefined, ({ idle }) => idle.saved()),
    save: (note) => stepOn(undefined, ({ idle }) => idle.save(note)),
    sweep: async (request) => {
      const walk = readWalk(request.cursor) ?? { servers: servers() }
      const [server, ...others] = walk.servers
      if (server === undefined) return NOTHING
      const within: SweepIdleRequest = { ...request, cursor: walk.cursor }
      const answer = await stepOn(server, ({ idle }) => idle.sweep(within))
      if (answer.kind === 'overtaken') return answer
      const next: Walk =
        answer.cursor === undefined ? { servers: others } : { ...walk, cursor: answer.cursor }
      const isOver = next.servers.length === 0
      return { ...answer, cursor: isOver ? undefined : JSON.stringify(next) }
    },
  }
}

const NOTHING: SweepIdleAnswer = {
  kind: 'swept',
  looked: 0,
  removed: 0,
  removedBytes: 0,
  cursor: undefined,
}

/** `undefined`: from the beginning. */
function readWalk(cursor: string | undefined): Walk | undefined {
  if (cursor === undefined) return undefined
  try {
    const walk = JSON.parse(cursor) as Walk
    if (Array.isArray(walk.servers)) return walk
  } catch {
    // Nobody here has written it.
  }
  return undefined
}
