import { describe, expect, test } from 'vitest'
import type {
  IntentRequest,
  SharedSession,
  SharedSignal,
  SharedTier,
} from '../contracts/shared-tier.ts'
import type { StoreOutcome } from '../contracts/source.ts'
import { createCache } from '../create-cache.ts'
import { memoryTier } from '../memory/index.ts'
import { FakeClock } from '../testing/fake-clock.ts'
import { SeededRandom } from '../testing/seeded-random.ts'
import { Background } from './background.ts'
import { OpenWrites } from './open-writes.ts'
import { SharedAccess } from './shared-access.ts'

/** A tier of two servers, of which the second knows nothing of the first: its numbers begin anew. */
function twoServers() {
  const servers = [memoryTier(), memoryTier()] as const
  const asked: string[] = []
  const scene = { current: 0, failing: '' }
  const tier: SharedTier = {
    kind: 'memory',
    open(context) {
      const sessions = servers.map((server) => server.open(context))
      const current = (): SharedSession => sessions[scene.current] as SharedSession
      return new Proxy(current(), {
        get(_, property: keyof SharedSession) {
          const member: unknown = Reflect.get(current(), property)
          if (property === 'listen') {
            return (listener: (signal: SharedSignal) => void) => {
              for (const session of sessions) session.listen(listener)
            }
          }
          if (typeof member !== 'function') return member
          return async (...input: unknown[]): Promise<unknown> => {
            asked.push(`${property} at ${scene.current}`)
            if (property === scene.failing) throw new Error('it fails')
            return await member.apply(current(), input)
          }
        },
      })
    },
  }
  const placed: SharedTier = {
    kind: 'memory',
    open(context) {
      const session = tier.open(context)
      // Placing a key is no step.
      const place: SharedSession['place'] = () => ({ shard: 0, bucket: 0 })
      return new Proxy(session, {
        get: (target, property) => (property === 'place' ? place : Reflect.get(target, property)),
      })
    },
  }
  return { tier: placed, asked, scene, servers }
}

function setup() {
  const clock = new FakeClock()
  const { tier, asked, scene } = twoServers()
  const silent = { level: 'silent', warn: () => {}, error: () => {} }
  const open = () =>
    createCache({ name: 'shop', shared: tier, logger: silent, defaults: { jitter: 0 } }, { clock })
  const calls: PromiseWithResolvers<readonly StoreOutcome[]>[] = []
  const rows = new Map([[1, 'old']])
  const collect = (cache: ReturnType<typeof open>) =>
    cache.collection<number, string>('thing', {
      write: { put: 'through' },
      store: {
        fencing: 'unfenced',
        load: (key) => rows.get(key),
        apply: () => {
          const call = Promise.withResolvers<readonly StoreOutcome[]>()
          calls.push(call)
          return call.promise
        },
      },
    })
  const [here, there] = [collect(open()), collect(open())]
  const applied = (at: number): void => calls[at]?.resolve([{ kind: 'applied' }])
  const begins = (): string[] => asked.filter((call) => call.startsWith('beginIntent'))
  return { clock, scene, here, there, rows, applied, begins }
}

describe('a write under way when the numbers of its shard begin anew', () => {
  test('begins again, which keeps others from the key, and is not protected all the time', async () => {
    const { here, there, clock, scene, rows, applied, begins } = setup()
    const writing = here.put(1, 'new')
    await clock.settle()
    scene.current = 1
    await clock.advance(400)
    expect(begins()).toEqual(['beginIntent at 0', 'beginIntent at 1'])
    expect(await there.get(1)).toBe('old')
    expect(await there.peek(1)).toBeUndefined()
    rows.set(1, 'new')
    applied(0)
    expect(await writing).toMatchObject({ protected: false })
    expect(await here.peek(1)).toBeUndefined()
    expect(await there.get(1)).toBe('new')
  })

  test('ends all the same where it could not begin again', async () => {
    const { here, there, clock, scene, rows, applied, begins } = setup()
    const writing = here.put(1, 'new')
    await clock.settle()
    scene.current = 1
    scene.failing = 'beginIntent'
    await clock.advance(400)
    expect(begins()).toEqual(['beginIntent at 0', 'beginIntent at 1'])
    expect(await there.get(1)).toBe('old')
    scene.failing = ''
    rows.set(1, 'new')
    applied(0)
    expect(await writing).toMatchObject({ protected: false })
    await clock.settle()
    expect(await there.get(1)).toBe('new')
  })

  test('is the only one that begins again: what has ended does not', async () => {
    const { here, clock, scene, applied, begins } = setup()
    const writing = here.put(1, 'new')
    await clock.settle()
    applied(0)
    expect(await writing).toMatchObject({ protected: true })
    scene.current = 1
    await clock.advance(1_000)
    expect(begins()).toEqual(['beginIntent at 0'])
  })
})

test('a write in a shard whose numbers go on does not begin again', async () => {
  const clock = new FakeClock()
  const random = new SeededRandom(1)
  const tier = memoryTier({ shards: 2 })
  const session = tier.open({ name: 'shop', instance: 'one', clock, random, report: () => {} })
  const begun: string[] = []
  const access = new SharedAccess({
    session: Object.assign(session, {
      beginIntent: async (requests: readonly IntentRequest[]) => {
        begun.push(...requests.map(({ id }) => id))
        return await Promise.reject(new Error('the server is down'))
      },
    }),
    clock,
    random,
    timeoutMs: 200,
    report: () => {},
    note: () => {},
  })
  const failures: unknown[] = []
  const background = new Background((_reason, error) => failures.push(error))
  const writes = new OpenWrites()
  const request = { collection: '', deadlineMs: 1_000, tags: [] }
  writes.add(0, { ...request, id: 'in 0', token: 'one' })
  writes.add(1, { ...request, id: 'in 1', token: 'two' })
  writes.add(1, { ...request, id: 'tags in 1', token: 'one' })
  writes.beginAgain(1, access, background)
  await clock.settle()
  expect(begun).toEqual(['tags in 1', 'in 1'])
  writes.end('one')
  writes.beginAgain(0, access, background)
  await clock.settle()
  expect(begun).toHaveLength(2)
  expect(failures).toEqual([])
})
