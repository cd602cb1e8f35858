import { describe, expect, test } from 'vitest'
import { createCoherence } from '../coherence/index.ts'
import type { SharedKey, SharedSession } from '../contracts/shared-tier.ts'
import { memoryTier } from '../memory/index.ts'
import { FakeClock } from '../testing/fake-clock.ts'
import { SeededRandom } from '../testing/seeded-random.ts'
import type { Engine } from './engine.ts'
import { LocalOrder } from './local-order.ts'
import { Reservations } from './reservations.ts'
import { reserve, survives } from './reserve.ts'
import type { Space } from './space.ts'

const KEY: SharedKey = { id: ':s1:a', collection: '' }

/** What `reserve` takes of an engine and a space. */
async function setup(tier: 'with a tier' | 'alone') {
  const clock = new FakeClock()
  const random = new SeededRandom(1)
  const shared = memoryTier()
  const context = { name: 'shop', instance: 'one', clock, random, report: () => {} }
  const open = (): SharedSession => shared.open(context)
  const nothing = (): void => {}
  const coherence = createCoherence({
    session: open(),
    clock,
    random,
    maxBlindnessMs: 5_000,
    mode: { kind: 'push' },
    listener: {
      changed: nothing,
      doubt: nothing,
      trustUntil: nothing,
      invalidated: () => undefined,
      renewed: nothing,
      released: nothing,
      unlocked: nothing,
    },
  })
  await coherence.beginning
  const order = new LocalOrder()
  const parts = { order, shared: tier === 'alone' ? undefined : { coherence } }
  const engine = parts as unknown as Engine
  const space = {
    reservations: new Reservations(),
    sharedKey: (key: string): SharedKey => ({ id: `:s${key.length}:${key}`, collection: '' }),
  } as unknown as Space
  return { clock, engine, space, order, coherence, other: open() }
}

describe('a reservation', () => {
  test('takes the place in the order of this process, and that of the tier', async () => {
    const { engine, space, order, coherence } = await setup('with a tier')
    order.next()
    const position = coherence.position(KEY)
    expect(position.epoch).not.toBe('')
    expect(reserve(engine, space, 'a')).toMatchObject({
      stamp: 1,
      kind: 'load',
      shared: { key: KEY, position },
    })
  })

  test('has no place in a tier that is not there', async () => {
    const { engine, space } = await setup('alone')
    const reservation = reserve(engine, space, 'a', 'write')
    expect(reservation).toMatchObject({ stamp: 0, kind: 'write', shared: undefined })
    expect(survives(engine, reservation)).toBe(true)
  })

  test('survives until its key is touched here', async () => {
    const { engine, space } = await setup('with a tier')
    const [one, two] = [reserve(engine, space, 'a'), reserve(engine, space, 'b')]
    expect(survives(engine, one)).toBe(true)
    space.reservations.kill('a')
    expect([survives(engine, one), survives(engine, two)]).toEqual([false, true])
  })

  test('survives until its key is touched in the tier, as soon as that is known', async () => {
    const { engine, space, clock, other } = await setup('with a tier')
    const reservation = reserve(engine, space, 'a')
    await other.invalidate({ kind: 'collection', collection: 'elsewhere' })
    await clock.settle()
    expect(survives(engine, reservation)).toBe(true)
    await other.invalidate({ kind: 'clear' })
    expect(survives(engine, reservation)).toBe(true)
    await clock.settle()
    expect(survives(engine, reservation)).toBe(false)
    expect(survives(engine, reserve(engine, space, 'a'))).toBe(true)
  })

  test('that was made beside a tier is judged by this process alone where there is none', async () => {
    const { engine, space } = await setup('with a tier')
    const reservation = reserve(engine, space, 'a')
    const alone = await setup('alone')
    expect(survives(alone.engine, reservation)).toBe(true)
  })
})
