import { describe, expect, test } from 'vitest'
import { redisTierSubject } from '../../test/contract/redis-tier-subject.ts'
import { type Driver, drivers } from '../../test/servers/redis-drivers.ts'
import { startCluster } from '../../test/servers/start-cluster.ts'
import { until } from '../../test/servers/until.ts'
import type { SharedSignal } from '../contracts/shared-tier.ts'
import { encodeKey } from '../keys/key-encoding.ts'
import { SharedSteps, sharedValue } from '../testing/shared-steps.ts'

const SHARDS = 16
const ids = Array.from({ length: 200 }, (_, at) => encodeKey('product', at).id)
/** Each in a shard of its own, which the cases of the suite are not. */
const product = { collection: 'product', tags: ['red'], pin: undefined }

/** Two processes on three masters. */
async function setup(driver: Driver) {
  const cluster = await startCluster({ masters: 3 })
  const ports = cluster.masters.map(({ port }) => port)
  const events = { stream: 'changes', maxLength: 100 }
  const subject = redisTierSubject(driver.cluster(ports), {
    ports,
    shards: SHARDS,
    events,
  })
  const [one, two] = [subject.open(), subject.open()]
  await Promise.all([one.ready, two.ready])
  const heard: SharedSignal[] = []
  two.listen((signal) => heard.push(signal))
  return {
    cluster,
    heard,
    one: new SharedSteps(one, subject),
    two: new SharedSteps(two, subject),
    async [Symbol.asyncDispose]() {
      await subject[Symbol.asyncDispose]()
      await cluster[Symbol.asyncDispose]()
    },
  }
}

describe.each([drivers[0], drivers[2]] as Driver[])('on a cluster, $driver', (driver) => {
  test('the shards are spread, and every step reaches its own', async () => {
    await using scene = await setup(driver)
    const { cluster, one, two, heard } = scene
    const stored = await one.session.set(ids.map((id) => sharedValue(id, id, product)))
    expect(stored.map((answer) => ('kind' in answer ? answer.kind : answer))).toEqual(
      ids.map(() => 'stored'),
    )
    const sizes = await Promise.all(cluster.masters.map((node) => node.call('DBSIZE')))
    for (const size of sizes) expect(Number(size)).toBeGreaterThan(40)

    const read = await two.session.read(ids.map((id) => ({ id, collection: 'product' })))
    expect(read.filter((one) => 'entry' in one && one.entry !== undefined)).toHaveLength(ids.length)
    const found: string[] = []
    let cursor: string | undefined
    do {
      const page = await two.session.scan('product', cursor, 30)
      found.push(...page.keys)
      cursor = page.cursor
    } while (cursor !== undefined)
    expect(found.sort()).toEqual([...ids].sort())
    expect((await two.session.usage()).entries).toBe(ids.length)

    // Hints of all masters reach all processes.
    const shardsHeard = (): number =>
      new Set(heard.flatMap((signal) => (signal.kind === 'changes' ? signal.shard : []))).size
    await until('every shard was heard', async () => shardsHeard() === SHARDS)

    const { moments } = await one.session.invalidate({
      kind: 'tags',
      tags: ['red'],
      match: 'any',
      mode: 'delete',
    })
    expect(new Set(moments.map(({ shard }) => shard)).size).toBe(SHARDS)
    const claims = await two.session.claim(
      ids.map((id) => ({ id, collection: 'product', token: 'loader' })),
      { leaseMs: 10_000 },
    )
    expect(claims.every((claim) => 'kind' in claim && claim.kind === 'granted')).toBe(true)
  })

  test('patterns are swept, locks are held, and streams are written', async () => {
    await using scene = await setup(driver)
    const { cluster, one, two } = scene
    await one.session.set(ids.map((id) => sharedValue(id, id, product)))
    const what = { kind: 'pattern', collection: 'product', pattern: '1*' } as const
    const { moments } = await one.session.invalidate(what)
    for (const { shard, sequence } of moments) {
      while (!(await two.session.sweepPattern(shard, sequence))) await two.sequence()
    }
    expect((await one.session.usage()).entries).toBe(200 - 111)

    const lock = { names: ['a', 'b', 'c'], ttlMs: 10_000 }
    await expect(one.session.locks.acquire({ ...lock, owner: 'one' })).resolves.toMatchObject({
      kind: 'granted',
    })
    await expect(two.session.locks.acquire({ ...lock, owner: 'two' })).resolves.toMatchObject({
      kind: 'held',
    })
    await one.session.locks.release({ ...lock, owner: 'one' })
    await expect(two.session.locks.remaining('a')).resolves.toBeUndefined()

    const streams = await Promise.all(
      cluster.masters.map((node) => node.call('KEYS', '{suite/*}:changes')),
    )
    expect(streams.flat()).toHaveLength(SHARDS)
  })
})
