/**
 * Removes what a `clear` or the removal of a collection has left behind, in the background.
 *
 * Such entries are never served, but take room until their lives end, and those without an end for
 * ever. A process that ends in the middle leaves the rest to the next such sweep. Nobody awaits it:
 * its failures are dropped, since only room is lost by them.
 */

import type { Clock } from '../contracts/clock.ts'
import type { RedisConnection } from './connection/redis-connection.ts'
import { scanSlice } from './scan-slice.ts'
import { sweepScript } from './scripts/sweep-script.ts'
import type { StepRunner } from './step-runner.ts'

/** Between two handfuls, so that the server does other work meanwhile. */
const PAUSE_MS = 10
const KEYS_A_HANDFUL = '1000'
const MAX_REMOVED = 200

export interface GarbageSweepOptions {
  readonly connection: RedisConnection
  readonly runner: StepRunner
  readonly clock: Clock
}

export class GarbageSweep {
  readonly #options: GarbageSweepOptions
  #state: 'resting' | 'walking' | 'walking, once more' | 'closed' = 'resting'
  #cancel: () => void = () => {}

  constructor(options: GarbageSweepOptions) {
    this.#options = options
  }

  /** Begins a walk over all keys; during one, another follows it. */
  request(): void {
    if (this.#state === 'closed') return
    if (this.#state !== 'resting') {
      this.#state = 'walking, once more'
      return
    }
    this.#state = 'walking'
    this.#next(() => this.#walk())
  }

  close(): void {
    this.#state = 'closed'
    this.#cancel()
  }

  #next(work: () => Promise<void>): void {
    if (this.#state === 'closed') return
    const run = (): void => {
      work().catch(() => this.#rest())
    }
    this.#cancel = this.#options.clock.schedule(PAUSE_MS, run, 'upkeep')
  }

  async #walk(): Promise<void> {
    const nodes = await this.#options.connection.eachNode([['PING']])
    this.#goOn(
      nodes.map(({ node }) => node),
      '0',
    )
  }

  #goOn(nodes: readonly string[], cursor: string): void {
    const [node, ...others] = nodes
    if (node === undefined) {
      this.#rest()
      return
    }
    this.#next(async () => {
      const next = await this.#handful(node, cursor)
      this.#goOn(next === '0' ? others : nodes, next)
    })
  }

  async #handful(node: string, cursor: string): Promise<string> {
    const { connection, runner } = this.#options
    const match = runner.names.pattern(undefined, '')
    const command = ['SCAN', cursor, 'MATCH', match, 'COUNT', KEYS_A_HANDFUL]
    const [reply] = await connection.sendTo(node, [command])
    const { cursor: next, keys } = scanSlice(reply)
    const found = keys.flatMap((key) => runner.names.placeOf(key) ?? [])
    for (const shard of new Set(found.map((one) => one.shard))) {
      await this.#remove(
        shard,
        found.flatMap((one) => (one.shard === shard ? one.id : [])),
      )
    }
    return next
  }

  async #remove(shard: number, ids: readonly string[]): Promise<void> {
    const { runner } = this.#options
    for (let at = 0; at < ids.length; at += MAX_REMOVED) {
      await runner.run(sweepScript, shard, {
        keys: {},
        args: { below: '' },
        items: ids.slice(at, at + MAX_REMOVED).map((id) => ({
          keys: { entry: runner.names.entry(shard, id) },
          args: { id },
        })),
      })
    }
  }

  #rest(): void {
    if (this.#state === 'closed') return
    const again = this.#state === 'walking, once more'
    this.#state = 'resting'
    if (again) this.request()
  }
}
