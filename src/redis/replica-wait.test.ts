import { describe, expect, test } from 'vitest'
import { drivers } from '../../test/servers/redis-drivers.ts'
import { startReplicas } from '../../test/servers/start-replicas.ts'
import { until } from '../../test/servers/until.ts'
import type { ShardMoment } from '../contracts/shared-tier.ts'
import { SystemClock } from '../memory/system-clock.ts'
import { SystemRandom } from '../memory/system-random.ts'
import { connectRedis } from './connection/connect-redis.ts'
import { KeyNames } from './key-names.ts'
import { ReplicaWait } from './replica-wait.ts'
import { ScriptRunner } from './script-runner.ts'
import { confirmScript } from './scripts/confirm-script.ts'
import { ShardMoments } from './shard-moments.ts'
import { StepRunner } from './step-runner.ts'

const NOTHING = { keys: {}, args: {}, items: [] } as const

/** A master with one replica, and the two connections of a tier that waits for it. */
async function setup() {
  const servers = await startReplicas()
  const clock = new SystemClock()
  const random = new SystemRandom()
  const user = (drivers[0] as (typeof drivers)[number]).single(servers.master.port)
  const names = new KeyNames({ name: 'suite', shards: 1, stream: undefined, cluster: false })
  const connect = () => connectRedis(user.client, { clock, random, report: () => {} })
  const runnerOf = (connection: ReturnType<typeof connect>): StepRunner =>
    new StepRunner({
      runner: new ScriptRunner(connection),
      names,
      moments: new ShardMoments(clock),
      clock,
      random,
      eventsMax: undefined,
    })
  const [writing, waiting] = [connect(), connect()]
  await Promise.all([writing.ready, waiting.ready])
  const writer = runnerOf(writing)
  const wrote = async (): Promise<ShardMoment> => {
    const { moment } = await writer.run(confirmScript, 0, NOTHING)
    return moment
  }
  const runner = runnerOf(waiting)
  const wait = new ReplicaWait({ connection: waiting, runner, replicas: 1 })
  // A replica that has just joined takes its first writes up to a second later.
  await until('the replica is waited for', async () => {
    return await wait.confirm(await wrote()).then(
      () => true,
      () => false,
    )
  })
  return {
    servers,
    waiting,
    runner,
    wait,
    wrote,
    async [Symbol.asyncDispose]() {
      await Promise.all([writing.close(), waiting.close()])
      user.end()
      await servers[Symbol.asyncDispose]()
    },
  }
}

describe('what a step has written', () => {
  test('is not asked of a server that has begun anew', async () => {
    await using scene = await setup()
    const moment = await scene.wrote()
    await scene.wait.confirm(moment)
    const elsewhere = { ...moment, epoch: 'elsewhere' }
    await expect(scene.wait.confirm(elsewhere)).rejects.toThrow('begun anew')
  })

  test('is not asked of a connection that has written nothing', async () => {
    await using scene = await setup()
    const { servers, waiting, runner } = scene
    const moment = await scene.wrote()
    let isBack = false
    waiting.onState(({ kind }) => {
      isBack ||= kind === 'reconnected'
    })
    const id = await waiting.send('suite', [['CLIENT', 'ID']])
    // Between the look at the history and the question, the connection goes and comes back.
    const cut = {
      names: runner.names,
      run: async (...call: Parameters<StepRunner['run']>) => {
        const stepped = await runner.run(...call)
        await servers.master.call('CLIENT', 'KILL', 'ID', Number(id[0]))
        await until('the connection is back', () => isBack)
        return stepped
      },
    } as unknown as Pick<StepRunner, 'run' | 'names'>
    const wait = new ReplicaWait({ connection: waiting, runner: cut, replicas: 1 })
    await expect(wait.confirm(moment)).rejects.toThrow('The connection was lost meanwhile')
  })
})
