/** Lets shards and locks leave a server, and come to it. `ShardMover` asks, through the server's link. */

import type { StepRunner } from '../step-runner.ts'
import { homeScripts } from './home-scripts.ts'

export class ShardHomes {
  readonly #runner: StepRunner

  constructor(runner: StepRunner) {
    this.#runner = runner
  }

  /**
   * From here on the server does no step of the shard. `version` is that of the map in which the move
   * began. Twice does no harm.
   *
   * @returns the epoch that was drawn for it; `undefined`: a later move came first.
   * @throws TierError
   */
  async retire(shard: number, version: number): Promise<string | undefined> {
    const args = { version: String(version) }
    const call = { keys: {}, args, items: [] }
    const { answer, moment } = await this.#runner.run(homeScripts.retire, shard, call)
    return answer ? moment.epoch : undefined
  }

  /**
   * From here on the server does the steps of the shard, which is empty there.
   *
   * @returns `false`: a later move came first.
   * @throws TierError
   */
  async activate(shard: number, version: number): Promise<boolean> {
    const args = { version: String(version) }
    const call = { keys: {}, args, items: [] }
    const { answer } = await this.#runner.run(homeScripts.activate, shard, call)
    return answer
  }

  /** As for a shard: the locks leave this server, or come to it with numbers above all before. */
  async moveLocks(way: 'retire' | 'activate', version: number): Promise<void> {
    const args = { version: String(version) }
    await this.#runner.runOnLocks(homeScripts[way], { keys: {}, args, items: [] })
  }
}
