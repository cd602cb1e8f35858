import { describe, expect, test } from 'vitest'
import { redisScene } from '../../test/contract/redis-scene.ts'
import { startRedis } from '../../test/servers/start-redis.ts'
import { until } from '../../test/servers/until.ts'
import type { SharedSignal } from '../contracts/shared-tier.ts'
import { KeyNames } from './key-names.ts'

const names = new KeyNames({ name: 'suite', shards: 1, stream: undefined, cluster: false }).of(0)

/** An entry, a load and a write under way, and what the session hears from now on. */
async function setup() {
  const scene = await redisScene()
  const tier = await scene.steps()
  const heard: SharedSignal[] = []
  tier.session.listen((signal) => heard.push(signal))
  await tier.set('a', 'one')
  const lease = await tier.begin('b', 'loader')
  const [begun] = await tier.session.beginIntent([
    { id: 'c', collection: '', token: 'writer', deadlineMs: 60_000, tags: [] },
  ])
  if (begun === undefined || !('epoch' in begun)) throw new Error('The write did not begin.')
  return { ...scene, tier, heard, lease, begun }
}

const lost = {
  'the control record is lost': (call: Call) => call('DEL', names.control),
  'the change numbers are lost': (call: Call) => call('DEL', names.numbers),
  'the mark among the change numbers is lost': (call: Call) => call('ZREM', names.numbers, 'epoch'),
  'the replication id is another': (call: Call) => call('HSET', names.control, 'r', 'f'.repeat(40)),
}
type Call = (...command: readonly string[]) => Promise<unknown>

describe('numbers begin anew', () => {
  test('where all is gone, and the number of shards is known again', async () => {
    await using scene = await setup()
    const { tier, server } = scene
    await server.call('FLUSHALL')
    await tier.set('a', 'two')
    const { locks } = new KeyNames({ name: 'suite', shards: 1, stream: undefined, cluster: false })
    await until(
      'the shards are noted',
      async () => (await server.call('HGET', locks.control, 'S')) === '1',
    )
  })

  test.each(Object.entries(lost))('when %s', async (_, lose) => {
    await using scene = await setup()
    const { tier, server, heard, lease, begun } = scene
    const highest = (await tier.follow()).sequence
    await lose((...command) => server.call(...command))

    // Whatever is asked first.
    const claim = await tier.claim('a', 'asker')
    expect(claim.kind).toBe('granted')
    expect(claim.epoch).not.toBe(begun.epoch)
    expect(claim.sequence).toBeGreaterThan(highest + 2 ** 20)
    expect((await tier.fill('b', 'old', lease)).kind).toBe('refused')
    expect((await tier.claim('c', 'asker')).kind).toBe('writing')
    const end = {
      id: 'c',
      collection: '',
      token: 'writer',
      tags: [],
      begun: { epoch: begun.epoch, number: begun.sequence },
      value: { envelope: new Uint8Array(3), ttlMs: 1_000, graceMs: 0, valueTags: [] },
    }
    await expect(tier.session.endIntent([end])).resolves.toMatchObject([{ kind: 'removed' }])
    await scene.subject.heard()
    expect(heard).toContainEqual(
      expect.objectContaining({ epoch: claim.epoch, changes: [{ kind: 'floor' }] }),
    )
    const followed = await tier.follow()
    expect(followed.floor).toBe(claim.sequence)
  })

  test('above whatever numbers are left', async () => {
    await using scene = await setup()
    const { tier, server } = scene
    const far = 4_000_000_000_000_000
    await server.call('ZADD', names.numbers, far, 'b:7')
    await server.call('DEL', names.control)
    expect((await tier.follow()).sequence).toBeGreaterThan(far + 2 ** 20)
  })

  test('on a server that was a replica, and knows the epochs before', async () => {
    await using other = await startRedis()
    await using scene = await setup()
    const { tier, server, begun } = scene
    const host = '127.0.0.1'
    const isInSync = async (): Promise<boolean> =>
      (await other.info('replication'))['master_link_status'] === 'up'
    await other.call('REPLICAOF', host, server.port)
    await until('the replica has followed', isInSync)
    // The master becomes a replica of its replica and is promoted again: the data stay.
    await other.call('REPLICAOF', 'NO', 'ONE')
    await server.call('REPLICAOF', host, other.port)
    const isReplica = async (): Promise<boolean> =>
      (await server.info('replication'))['master_link_status'] === 'up'
    await until('the master has followed', isReplica)
    await expect(
      tier.session.follow({ shard: 0, epoch: '', cursor: 0, beat: true }),
    ).rejects.toThrow('replica')
    await server.call('REPLICAOF', 'NO', 'ONE')
    const answers = (): Promise<boolean> =>
      tier.follow().then(
        () => true,
        () => false,
      )
    await until('the session has found the master again', answers)
    const followed = await tier.follow()
    expect(followed.epoch).not.toBe(begun.epoch)
    expect(await server.call('HGET', names.control, 'h')).toBe(begun.epoch)
    // Nothing changes any more.
    expect((await tier.follow()).epoch).toBe(followed.epoch)
  })

  test('but a late step of a session stays late', async () => {
    await using scene = await setup()
    const { server } = scene
    const before = await server.call('HKEYS', names.control)
    await server.call('ZREM', names.numbers, 'epoch')
    await scene.tier.follow()
    const senders = (fields: unknown) =>
      (fields as readonly string[]).filter((field) => field.startsWith('o:'))
    expect(senders(await server.call('HKEYS', names.control))).toEqual(senders(before))
  })
})
