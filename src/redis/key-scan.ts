/**
 * Keys of a collection, page by page, by walking every master.
 *
 * Redis hands out keys in handfuls of its own size, so the cursor holds those of the last handful that
 * are still to come: asked for once more, a handful can be another one, since a server that makes room
 * for more keys moves them about. Whatever changes between two pages may be missing, and where a server
 * takes such room back meanwhile a key may come twice.
 */

import { ArgumentError } from '../contracts/errors.ts'
import type { ScanPage } from '../contracts/shared-tier.ts'
import { collectionOf } from './collection-of.ts'
import type { RedisConnection } from './connection/redis-connection.ts'
import { scanSlice } from './scan-slice.ts'
import { presentScript } from './scripts/present-script.ts'
import type { StepRunner } from './step-runner.ts'

/** Handfuls that one page takes at most: a page may be empty before the end. */
const MAX_HANDFULS = 20
const LEAST_HANDFUL = 10
const LARGEST_HANDFUL = 1_000

interface Walk {
  /** Masters still to be walked; the first is being walked. */
  readonly nodes: readonly string[]
  readonly cursor: string
  /** Keys of the handful before the cursor that are still to be handed out. */
  readonly rest: readonly Found[]
  readonly handful: number
}

interface Found {
  readonly shard: number
  readonly id: string
}

export interface KeyScanOptions {
  readonly connection: RedisConnection
  readonly runner: StepRunner
}

export class KeyScan {
  readonly #options: KeyScanOptions

  constructor(options: KeyScanOptions) {
    this.#options = options
  }

  async page(collection: string, cursor: string | undefined, limit: number): Promise<ScanPage> {
    let walk = cursor === undefined ? await this.#begin(limit) : parse(cursor)
    const keys: string[] = []
    for (let left = MAX_HANDFULS; left > 0 && keys.length < limit; left -= 1) {
      if (walk.rest.length === 0) {
        if (walk.nodes.length === 0) break
        walk = await this.#handful(collection, walk)
      }
      const taken = walk.rest.slice(0, limit - keys.length)
      keys.push(...(await this.#present(taken)))
      walk = { ...walk, rest: walk.rest.slice(taken.length) }
    }
    const isOver = walk.nodes.length === 0 && walk.rest.length === 0
    return { keys, cursor: isOver ? undefined : JSON.stringify(walk) }
  }

  async #begin(limit: number): Promise<Walk> {
    const nodes = await this.#options.connection.eachNode([['PING']])
    const handful = Math.min(LARGEST_HANDFUL, Math.max(LEAST_HANDFUL, limit))
    return { nodes: nodes.map(({ node }) => node), cursor: '0', rest: [], handful }
  }

  /** The next one of the walk, which then leads on from there. */
  async #handful(collection: string, walk: Walk): Promise<Walk> {
    const { connection, runner } = this.#options
    const { nodes, cursor, handful } = walk
    const [node = '', ...others] = nodes
    const match = runner.names.pattern(undefined, collection === '' ? '' : `${collection}:`)
    const command = ['SCAN', cursor, 'MATCH', match, 'COUNT', String(handful)]
    const [reply] = await connection.sendTo(node, [command])
    const { cursor: next, keys } = scanSlice(reply)
    const rest = keys
      .flatMap((name) => runner.names.placeOf(name) ?? [])
      .filter(({ id }) => collectionOf(id) === collection)
    return next === '0'
      ? { ...walk, nodes: others, cursor: '0', rest }
      : { ...walk, cursor: next, rest }
  }

  async #present(found: readonly Found[]): Promise<readonly string[]> {
    const { runner } = this.#options
    const shards = [...new Set(found.map(({ shard }) => shard))]
    const present = await Promise.all(
      shards.map(async (shard) => {
        const ids = found.filter((one) => one.shard === shard).map(({ id }) => id)
        const { answer } = await runner.run(presentScript, shard, {
          keys: {},
          args: {},
          items: ids.map((id) => ({
            keys: { entry: runner.names.entry(shard, id) },
            args: { id },
          })),
        })
        return ids.filter((_, at) => answer[at] === true)
      }),
    )
    return present.flat()
  }
}

function parse(cursor: string): Walk {
  try {
    const walk = JSON.parse(cursor) as Walk
    if (Array.isArray(walk.nodes) && Array.isArray(walk.rest) && walk.handful > 0) return walk
  } catch {
    // Refused below, like any other text that is no cursor.
  }
  throw new ArgumentError({
    field: 'cursor',
    expected: 'one that a page before has answered',
    actual: cursor,
  })
}
