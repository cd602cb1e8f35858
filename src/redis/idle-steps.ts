/**
 * Noting reads, and removing what nobody reads, slice by slice: see `IdleSteps`.
 *
 * Redis has no order over keys, so a clean-up walks all keys of each master, a handful at a time. What
 * is found is looked at by a script of its shard, of which none has more keys than take it a fraction of
 * a millisecond. A key may come twice; what moves to another node meanwhile may be left for the next.
 */

import type { SweepIdleAnswer, SweepIdleRequest } from '../contracts/idle-steps.ts'
import type { SharedKey } from '../contracts/shared-tier.ts'
import type { IdleLink } from '../shard/index.ts'
import { collectionOf } from './collection-of.ts'
import type { RedisConnection } from './connection/redis-connection.ts'
import { scanSlice } from './scan-slice.ts'
import { cleanUpScripts } from './scripts/clean-up-scripts.ts'
import { noteReadScript } from './scripts/note-read-script.ts'
import { type SweepIdleReply, sweepIdleScript } from './scripts/sweep-idle-script.ts'
import { ShardMovedError } from './servers/shard-moved-error.ts'
import type { StepRunner } from './step-runner.ts'

/** Keys of one script. */
const MOST_KEYS = 200

interface Walk {
  /** Masters still to be walked; the first is being walked. */
  readonly nodes: readonly string[]
  readonly cursor: string
}

interface Found {
  readonly shard: number
  readonly id: string
  readonly afterMs: number
}

export interface RedisIdleOptions {
  readonly connection: RedisConnection
  readonly runner: StepRunner
}

const NOTHING = { looked: 0, removed: 0, removedBytes: 0 }

export class RedisIdle implements IdleLink {
  readonly #options: RedisIdleOptions

  constructor(options: RedisIdleOptions) {
    this.#options = options
  }

  async note(shard: number, keys: readonly SharedKey[], everyMs: number): Promise<void> {
    const { runner } = this.#options
    for (let from = 0; from < keys.length; from += MOST_KEYS) {
      await runner.run(noteReadScript, shard, {
        keys: {},
        args: { every: String(everyMs) },
        items: keys.slice(from, from + MOST_KEYS).map(({ id }) => ({
          keys: { entry: runner.names.entry(shard, id) },
          args: {},
        })),
      })
    }
  }

  async fence(shard: number, token: number): Promise<void> {
    await this.#swept(shard, token, [])
  }

  async sweep(request: SweepIdleRequest): Promise<SweepIdleAnswer> {
    const walk = readWalk(request.cursor) ?? (await this.#begin())
    const [node, ...others] = walk.nodes
    if (node === undefined) return { kind: 'swept', ...NOTHING, cursor: undefined }
    const { cursor, found } = await this.#handful(node, walk.cursor, request)
    const replies = await this.#look(found, request.token)
    if (replies.includes(undefined)) return { kind: 'overtaken' }
    const sum = (of: keyof typeof NOTHING): number =>
      replies.reduce((total, reply) => total + (reply?.[of] ?? 0), 0)
    const next: Walk = cursor === '0' ? { nodes: others, cursor } : { ...walk, cursor }
    return {
      kind: 'swept',
      looked: sum('looked'),
      removed: sum('removed'),
      removedBytes: sum('removedBytes'),
      cursor: next.nodes.length === 0 ? undefined : JSON.stringify(next),
    }
  }

  saved: IdleLink['saved'] = () => {
    const { runner } = this.#options
    const keys = { note: runner.names.cleanUp }
    return runner.runOnLocks(cleanUpScripts.saved, { keys, args: {}, items: [] })
  }

  save: IdleLink['save'] = ({ token, text }) => {
    const { runner } = this.#options
    const keys = { note: runner.names.cleanUp }
    const args = { token: String(token), text }
    return runner.runOnLocks(cleanUpScripts.save, { keys, args, items: [] })
  }

  async #begin(): Promise<Walk> {
    const nodes = await this.#options.connection.eachNode([['PING']])
    return { nodes: nodes.map(({ node }) => node), cursor: '0' }
  }

  async #handful(
    node: string,
    from: string,
    { limit, spans }: SweepIdleRequest,
  ): Promise<{ readonly cursor: string; readonly found: readonly Found[] }> {
    const { connection, runner } = this.#options
    // One collection is picked out by the server, several are not worth a walk each.
    const [only] = spans.length === 1 ? spans : []
    const prefix = only === undefined || only.collection === '' ? '' : `${only.collection}:`
    const match = runner.names.pattern(undefined, prefix)
    const command = ['SCAN', from, 'MATCH', match, 'COUNT', String(limit)]
    const [reply] = await connection.sendTo(node, [command])
    const { cursor, keys } = scanSlice(reply)
    const afterOf = new Map(spans.map(({ collection, afterMs }) => [collection, afterMs]))
    const found = keys.flatMap((key): Found[] => {
      const place = runner.names.placeOf(key)
      const afterMs = place && afterOf.get(collectionOf(place.id))
      return place === undefined || afterMs === undefined ? [] : [{ ...place, afterMs }]
    })
    return { cursor, found }
  }

  async #look(found: readonly Found[], token: number): Promise<readonly SweepIdleReply[]> {
    const byShard = Map.groupBy(found, ({ shard }) => shard)
    const parts = [...byShard].flatMap(([shard, all]) => {
      const starts = Array.from({ length: Math.ceil(all.length / MOST_KEYS) }, (_, at) => at)
      return starts.map((at) => ({
        shard,
        some: all.slice(at * MOST_KEYS, (at + 1) * MOST_KEYS),
      }))
    })
    const asked = parts.map(({ shard, some }) => this.#swept(shard, token, some))
    await Promise.allSettled(asked)
    return await Promise.all(asked)
  }

  async #swept(shard: number, token: number, found: readonly Found[]): Promise<SweepIdleReply> {
    const { runner } = this.#options
    try {
      const { answer } = await runner.run(sweepIdleScript, shard, {
        keys: {},
        args: { token: String(token) },
        items: found.map(({ id, afterMs }) => ({
          keys: { entry: runner.names.entry(shard, id) },
          args: { after: String(afterMs) },
        })),
      })
      return answer
    } catch (error) {
      // What it has left here is nobody's; where it is now, the walk may have been, or comes.
      if (error instanceof ShardMovedError && found.length > 0) return NOTHING
      throw error
    }
  }
}

/** `undefined`: from the beginning, also where nobody here has written it. */
function readWalk(cursor: string | undefined): Walk | undefined {
  if (cursor === undefined) return undefined
  try {
    const walk = JSON.parse(cursor) as Walk
    if (Array.isArray(walk.nodes) && typeof walk.cursor === 'string') return walk
  } catch {
    // As above.
  }
  return undefined
}
