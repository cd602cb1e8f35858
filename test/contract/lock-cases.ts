/** What locks promise over several instances of one cache. Part of `instances-cases.ts`. */

import assert from 'node:assert/strict'
import type { InstancesCase } from './instances-cases.ts'

export const LOCK_CASES: readonly InstancesCase[] = [
  {
    title: 'a lock is held by one instance at a time, and its token grows',
    run: async (instances) => {
      const [one, two] = [instances.open(), instances.open()]
      const first = await one.lock('nightly')
      assert.equal(await two.tryLock('nightly'), undefined)
      assert.notEqual(await two.tryLock('another'), undefined)
      const waiting = two.lock('nightly')
      await first.release()
      const [second] = await Promise.all([waiting, instances.pass(300)])
      assert.ok(second.token > first.token)
      await two.waitForUnlock('nobody holds it')
      await second.release()
      await one.waitForUnlock('nightly')
    },
  },
  {
    title: 'several locks are had together or not at all',
    run: async (instances) => {
      const [one, two] = [instances.open(), instances.open()]
      await using first = await one.lock(['a', 'b'])
      assert.equal(await two.tryLock(['b', 'c']), undefined)
      const third = await two.tryLock('c')
      assert.notEqual(third, undefined)
      assert.deepEqual(first.names, ['a', 'b'])
    },
  },
  {
    title: 'a lock that is not to be had is refused with an error of its own',
    run: async (instances) => {
      const [one, two] = [instances.open(), instances.open()]
      await using held = await one.lock('nightly')
      const refused = assert.rejects(two.lock('nightly', { wait: '200ms' }), { code: 'lock' })
      await Promise.all([refused, instances.pass(400)])
      assert.equal(held.signal.aborted, false)
      const waited = assert.rejects(two.waitForUnlock('nightly', { wait: '100ms' }), {
        code: 'lock',
      })
      await Promise.all([waited, instances.pass(400)])
    },
  },
  {
    title: 'a lock is renewed for as long as it is held, and ends by itself if it is not',
    run: async (instances) => {
      const [one, two] = [instances.open(), instances.open()]
      const renewed = await one.lock('renewed', { ttl: '3s' })
      const left = await one.lock('left', { ttl: '3s', renew: 'never' })
      await instances.pass(4_500)
      assert.equal(await two.tryLock('renewed'), undefined)
      assert.notEqual(await two.tryLock('left'), undefined)
      assert.deepEqual([renewed.signal.aborted, left.signal.aborted], [false, true])
      assert.equal(await left.extend(), false)
      await renewed.release()
    },
  },
]
