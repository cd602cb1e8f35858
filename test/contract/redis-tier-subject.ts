/** Sessions of the Redis tier on one server or cluster, for tests: each as another process would open it. */

import type { CacheEvent } from '../../src/contracts/events.ts'
import type { SharedSession, SharedSignal } from '../../src/contracts/shared-tier.ts'
import { SystemClock } from '../../src/memory/system-clock.ts'
import { SystemRandom } from '../../src/memory/system-random.ts'
import { connectRedis } from '../../src/redis/connection/connect-redis.ts'
import type { RedisTierOptions } from '../../src/redis/index.ts'
import { RedisLink } from '../../src/redis/redis-link.ts'
import { resolveTierOptions } from '../../src/redis/resolve-tier-options.ts'
import { ShardClient, type ShardLink } from '../../src/shard/index.ts'
import { slowSteps } from '../../src/testing/shared-slow-steps.ts'
import type { SharedTierSubject } from '../../src/testing/shared-tier-subject.ts'
import { askRedis } from '../servers/ask-redis.ts'
import type { UserClient } from '../servers/redis-drivers.ts'

export interface RedisTierSubject extends SharedTierSubject, AsyncDisposable {
  open(name?: string, instance?: string): SharedSession
  /** What all sessions have reported. */
  readonly events: readonly CacheEvent[]
}

export interface RedisTierSubjectOptions extends RedisTierOptions {
  /** Of the server, or of every master of the cluster. */
  readonly ports: readonly number[]
  /** Before each name, so that cases on the same servers hear nothing of one another. @default '' */
  readonly prefix?: string
}

export function redisTierSubject(
  user: UserClient,
  { ports, prefix = '', ...options }: RedisTierSubjectOptions,
): RedisTierSubject {
  const open = new Set<HearingSession>()
  const events: CacheEvent[] = []
  const context = {
    clock: new SystemClock(),
    random: new SystemRandom(),
    report: (event: CacheEvent) => void events.push(event),
  }
  const linkOf = (name: string, instance: string): ShardLink =>
    new RedisLink({
      connection: connectRedis(user.client, context),
      context: { ...context, name: `${prefix}${name}`, instance },
      options: resolveTierOptions(options, 'one server'),
    })
  const sessionOver = (link: ShardLink, name: string): SharedSession => {
    const client = new ShardClient({
      link,
      clock: context.clock,
      tier: 'redis',
      session: context.random.id(),
    })
    const hearing = new HearingSession(client, name)
    open.add(hearing)
    const close = async (): Promise<void> => {
      open.delete(hearing)
      await client.close()
    }
    return hearing.session(close)
  }
  return {
    events,
    judgesReads: false,
    open: (name = 'suite', instance = 'test') => sessionOver(linkOf(name, instance), name),
    openSlow() {
      const { contract, holdNext, letGo } = slowSteps(linkOf('suite', 'slow'))
      return { session: sessionOver(contract, 'suite'), holdNext, letGo }
    },
    advance: () => Promise.reject(new Error('The clock of this tier cannot be moved.')),
    async heard() {
      // Nothing orders what comes from one node of a cluster with what comes from another.
      const marks = ports.map((port) => ({ port, mark: context.random.id() }))
      const all = [...open]
      await Promise.all(all.map(({ client }) => client.ready))
      const hearing = all.flatMap((session) => marks.map(({ mark }) => session.hears(mark)))
      for (const name of new Set(all.map((session) => session.name))) {
        for (const { port, mark } of marks) {
          await askRedis(port, ['PUBLISH', `{${prefix}${name}}:h`, `[1,"r",["${mark}"]]`])
        }
      }
      await Promise.all(hearing)
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([...open].map(({ client }) => client.close()))
      user.end()
    },
  }
}

/** Takes out the marks by which a test knows that everything before them was heard. */
class HearingSession {
  readonly client: SharedSession
  readonly name: string
  readonly #awaited = new Map<string, () => void>()
  #listener: (signal: SharedSignal) => void = () => {}

  constructor(client: SharedSession, name: string) {
    this.client = client
    this.name = name
    client.listen((signal) => this.#hear(signal))
  }

  session(close: () => Promise<void>): SharedSession {
    const listen: SharedSession['listen'] = (listener) => {
      this.#listener = listener
    }
    const own: Partial<SharedSession> = { listen, close }
    return new Proxy(this.client, {
      get(target, property) {
        if (Object.hasOwn(own, property)) return Reflect.get(own, property)
        const member: unknown = Reflect.get(target, property, target)
        return typeof member === 'function' ? member.bind(target) : member
      },
    })
  }

  hears(mark: string): Promise<void> {
    return new Promise((resolve) => void this.#awaited.set(mark, resolve))
  }

  #hear(signal: SharedSignal): void {
    const mark = signal.kind === 'released' ? signal.ids[0] : undefined
    const resolve = this.#awaited.get(mark ?? '')
    if (resolve === undefined) this.#listener(signal)
    else resolve()
  }
}
