/** Sessions of the Redis tier over several servers, for tests: each as another process would open it. */

import type { CacheEvent } from '../../src/contracts/events.ts'
import type { SharedSession, SharedSignal } from '../../src/contracts/shared-tier.ts'
import { SystemClock } from '../../src/memory/system-clock.ts'
import { SystemRandom } from '../../src/memory/system-random.ts'
import { connectRedis } from '../../src/redis/connection/connect-redis.ts'
import { resolveTierOptions } from '../../src/redis/resolve-tier-options.ts'
import { partAnswers } from '../../src/redis/servers/part-answers.ts'
import { ServersLink } from '../../src/redis/servers/servers-link.ts'
import type { MovePace, MoveStep } from '../../src/redis/servers/shard-mover.ts'
import { ShardClient } from '../../src/shard/index.ts'
import { slowSteps } from '../../src/testing/shared-slow-steps.ts'
import type { SharedTierSubject } from '../../src/testing/shared-tier-subject.ts'
import { askRedis } from '../servers/ask-redis.ts'
import type { Driver, UserClient } from '../servers/redis-drivers.ts'

/** Quick enough for tests; a mover that is held up by a test for less is not taken for dead. */
export const QUICK_PACE: MovePace = {
  lookMs: 50,
  busyLookMs: 20,
  silenceMs: 1_500,
  takeoverMs: 2_500,
}

/** A machine under load is slow: where a test is not about a dead server, no step is given up. */
const PATIENT_MS = 2_000

/** A server as a process is given it: by name, and by the port that this process reaches it at. */
export interface GivenServer {
  readonly name: string
  readonly port: number
  readonly weight?: number
}

export interface ServersSessionOptions {
  readonly servers: readonly GivenServer[]
  readonly name?: string
  readonly instance?: string
  readonly shards?: number
  readonly retire?: readonly string[]
  readonly pace?: MovePace
  readonly onStep?: (step: MoveStep) => void
  readonly serverTimeoutMs?: number
}

export interface OpenSession {
  readonly link: ServersLink
  readonly session: SharedSession
}

/** Opens sessions, and closes all that are open in the end. */
export class RedisServersScene implements AsyncDisposable {
  readonly events: CacheEvent[] = []
  readonly context = {
    clock: new SystemClock(),
    random: new SystemRandom(),
    report: (event: CacheEvent): void => void this.events.push(event),
  }
  readonly #driver: Driver
  readonly #users: UserClient[] = []
  readonly #links = new Set<ServersLink>()

  constructor(driver: Driver) {
    this.#driver = driver
  }

  link(options: ServersSessionOptions): ServersLink {
    const { servers, name = 'suite', instance = 'test', shards = 8 } = options
    const linked = servers.map(({ name: server, port, weight = 1 }) => {
      const user = this.#driver.single(port)
      this.#users.push(user)
      return { name: server, weight, connection: connectRedis(user.client, this.context) }
    })
    const link = new ServersLink({
      servers: linked,
      context: { ...this.context, name, instance },
      options: resolveTierOptions({ shards }, 'spread'),
      retire: options.retire ?? [],
      serverTimeoutMs: options.serverTimeoutMs ?? PATIENT_MS,
      pace: options.pace ?? QUICK_PACE,
      ...(options.onStep && { onStep: options.onStep }),
    })
    this.#links.add(link)
    return link
  }

  open(options: ServersSessionOptions): OpenSession {
    const link = this.link(options)
    return { link, session: this.session(link) }
  }

  session(link: ServersLink): SharedSession {
    return partAnswers(
      new ShardClient({
        link,
        clock: this.context.clock,
        tier: 'redis',
        session: this.context.random.id(),
      }),
    )
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#links].map((link) => link.close()))
    for (const user of this.#users) user.end()
  }
}

/** For the suite of the shared tier. */
export function redisServersSubject(
  driver: Driver,
  servers: readonly GivenServer[],
): SharedTierSubject & AsyncDisposable {
  const scene = new RedisServersScene(driver)
  const open = new Set<Hearing>()
  const options = { servers, shards: 4 }
  const hearing = (session: SharedSession, name: string): SharedSession => {
    const one = new Hearing(session, name)
    open.add(one)
    const close = async (): Promise<void> => {
      open.delete(one)
      await session.close()
    }
    return { ...session, close, listen: (listener) => one.listen(listener) }
  }
  return {
    judgesReads: false,
    open: (name = 'suite') => hearing(scene.open({ ...options, name }).session, name),
    openSlow() {
      const { contract, holdNext, letGo } = slowSteps(scene.link(options))
      return { session: hearing(scene.session(contract), 'suite'), holdNext, letGo }
    },
    advance: () => Promise.reject(new Error('The clock of this tier cannot be moved.')),
    async heard() {
      const all = [...open]
      await Promise.all(all.map(({ ready }) => ready))
      const marks = servers.map(({ port }) => ({ port, mark: scene.context.random.id() }))
      const heard = all.flatMap((one) => marks.map(({ mark }) => one.hears(mark)))
      for (const name of new Set(all.map((one) => one.name))) {
        for (const { port, mark } of marks) {
          await askRedis(port, ['PUBLISH', `{${name}}:h`, `[1,"r",["${mark}"]]`])
        }
      }
      await Promise.all(heard)
    },
    [Symbol.asyncDispose]: () => scene[Symbol.asyncDispose](),
  }
}

/** Takes out the marks by which a test knows that everything before them was heard. */
class Hearing {
  readonly name: string
  readonly ready: Promise<void>
  readonly #awaited = new Map<string, () => void>()
  #listener: (signal: SharedSignal) => void = () => {}

  constructor(session: SharedSession, name: string) {
    this.name = name
    this.ready = session.ready
    session.listen((signal) => {
      const mark = signal.kind === 'released' ? signal.ids[0] : undefined
      const resolve = this.#awaited.get(mark ?? '')
      if (resolve === undefined) this.#listener(signal)
      else resolve()
    })
  }

  listen(listener: (signal: SharedSignal) => void): void {
    this.#listener = listener
  }

  hears(mark: string): Promise<void> {
    return new Promise((resolve) => void this.#awaited.set(mark, resolve))
  }
}
