/**
 * Keys of a collection, page by page, by walking every master.
 *
 * Redis hands out keys in handfuls of its own size, so the cursor tells how many of the last handful
 * were on earlier pages; whatever changes between two pages may be missing, or come twice.
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
  /** Keys of the handful at the cursor that were handed out. */
  readonly skip: number
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
      const [node, ...others] = walk.nodes
      if (node === undefined) break
      const { found, next } = await this.#handful(collection, node, walk)
      const rest = found.slice(walk.skip)
      const taken = rest.slice(0, limit - keys.length)
      keys.push(...(await this.#present(collection, taken)))
      const isDone = taken.length === rest.length
      if (!isDone) walk = { ...walk, skip: walk.skip + taken.length }
      else if (next !== '0') walk = { ...walk, cursor: next, skip: 0 }
      else walk = { ...walk, nodes: others, cursor: '0', skip: 0 }
    }
    return { keys, cursor: walk.nodes.length === 0 ? undefined : JSON.stringify(walk) }
  }

  async #begin(limit: number): Promise<Walk> {
    const nodes = await this.#options.connection.eachNode([['PING']])
    const handful = Math.min(LARGEST_HANDFUL, Math.max(LEAST_HANDFUL, limit))
    return { nodes: nodes.map(({ node }) => node), cursor: '0', skip: 0, handful }
  }

  async #handful(
    collection: string,
    node: string,
    { cursor, handful }: Walk,
  ): Promise<{ readonly found: readonly Found[]; readonly next: string }> {
    const { connection, runner } = this.#options
    const match = runner.names.pattern(undefined, collection === '' ? '' : `${collection}:`)
    const command = ['SCAN', cursor, 'MATCH', match, 'COUNT', String(handful)]
    const [reply] = await connection.sendTo(node, [command])
    const { cursor: next, keys } = scanSlice(reply)
    const found = keys
      .flatMap((name) => runner.names.placeOf(name) ?? [])
      .filter(({ id }) => collectionOf(id) === collection)
    return { found, next }
  }

  async #present(collection: string, found: readonly Found[]): Promise<readonly string[]> {
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
            args: { id, collection },
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
    if (Array.isArray(walk.nodes) && walk.skip >= 0 && walk.handful > 0) return walk
  } catch {
    // Refused below, like any other text that is no cursor.
  }
  throw new ArgumentError({
    field: 'cursor',
    expected: 'one that a page before has answered',
    actual: cursor,
  })
}
