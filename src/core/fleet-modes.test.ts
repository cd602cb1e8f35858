import { describe, expect, test } from 'vitest'
import { jsonCodec } from '../codecs/index.ts'
import type { SharedTier } from '../contracts/shared-tier.ts'
import { type Codec, createCache, type ModeEvent, TierError } from '../index.ts'
import { memoryTier } from '../memory/index.ts'
import { chaosTier, FakeClock, type Fault } from '../testing/index.ts'

const SILENT = { level: 'silent', warn: () => {}, error: () => {} }
const NONE: Fault = { kind: 'none' }
const DOWN: Fault = { kind: 'fail', error: new Error('down') }
const LOOK_MS = 2_100

/** Instances of one cache, each on the tier that a test gives it. */
function setup(codec: Codec = jsonCodec()) {
  const clock = new FakeClock()
  const shared = memoryTier()
  const open = (tier: SharedTier = shared) => {
    const cache = createCache(
      { name: 'fleet', shared: tier, logger: SILENT, codec, metrics: { shareEvery: 'off' } },
      { clock },
    )
    const told: ModeEvent[] = []
    cache.on('mode', (event) => told.push(event))
    return { cache, told }
  }
  return { clock, shared, open }
}

describe('a switch of the fleet', () => {
  test('is told by each instance, and where it began', async () => {
    const { clock, open } = setup()
    const [one, two] = [open(), open()]
    await one.cache.setMode('memory', { scope: 'fleet' })
    await clock.advance(LOOK_MS)
    const event = { type: 'mode', pattern: '*', mode: 'memory', before: 'on', scope: 'fleet' }
    expect([one.told, two.told]).toEqual([[event], [event]])
  })

  test('that the tier does not take is refused, and changes nothing', async () => {
    const { clock, shared, open } = setup()
    let fault: Fault = NONE
    const one = open(chaosTier(shared, () => fault, clock))
    const two = open()
    await one.cache.ready()
    fault = DOWN
    const switching = one.cache.setMode('off', { scope: 'fleet' })
    await expect(switching).rejects.toThrow(TierError)
    await clock.advance(LOOK_MS)
    expect([one.cache.mode(), two.cache.mode()]).toEqual(['on', 'on'])
    await one.cache.setMode('off')
    expect(one.cache.mode()).toBe('off')
  })

  test('is kept while the tier is away, and heard of when it is back', async () => {
    const { clock, shared, open } = setup()
    let fault: Fault = NONE
    const [one, two] = [open(chaosTier(shared, () => fault, clock)), open()]
    await two.cache.setMode('shared', { scope: 'fleet' })
    await clock.advance(LOOK_MS)
    fault = DOWN
    await two.cache.setMode('on', { scope: 'fleet' })
    await clock.advance(60_000)
    expect(one.cache.mode()).toBe('shared')
    fault = NONE
    await clock.advance(20_000)
    expect(one.cache.mode()).toBe('on')
  })

  test('is written again by whoever knows it, where the record was lost', async () => {
    const { clock, open } = setup()
    const one = open()
    await one.cache.setMode('off', { scope: 'fleet' })
    await one.cache.clear()
    await clock.advance(LOOK_MS * 2)
    const late = open()
    await clock.advance(100)
    expect(late.cache.mode()).toBe('off')
  })

  test('is over for an instance that is switched by itself, until the fleet is once more', async () => {
    const { clock, open } = setup()
    const [one, two] = [open(), open()]
    await one.cache.setMode('off', { scope: 'fleet' })
    await clock.advance(LOOK_MS)
    await two.cache.setMode('on')
    await clock.advance(200_000)
    expect([one.cache.mode(), two.cache.mode()]).toEqual(['off', 'on'])
    await one.cache.setMode('memory', { scope: 'fleet' })
    await clock.advance(LOOK_MS)
    expect([one.cache.mode(), two.cache.mode()]).toEqual(['memory', 'memory'])
  })

  test('costs nothing while nobody switches', async () => {
    const { clock, shared, open } = setup()
    const reads: string[] = []
    const plan = (operation: string): Fault => {
      if (operation === 'read' || operation === 'set') reads.push(operation)
      return NONE
    }
    const { cache } = open(chaosTier(shared, plan, clock))
    await clock.advance(600_000)
    expect(reads).toEqual(['read'])
    await cache.close()
    await clock.advance(60_000)
    expect(reads).toEqual(['read'])
  })
})

describe('the record of a fleet', () => {
  test.each([
    ['nonsense', []],
    ['a number', 7],
    [
      'rows that are none',
      [1, ['x'], ['', 'slow', 1, 'a'], ['', 'off', 'one', 'a'], ['', 'off', 1, 2]],
    ],
  ])('that holds %s switches nobody', async (_, value) => {
    let forged: unknown
    const { clock, open } = setup({
      id: 99,
      name: 'forger',
      encode: (own) => new TextEncoder().encode(JSON.stringify(forged ?? own)),
      decode: (bytes) => JSON.parse(new TextDecoder().decode(bytes)),
    })
    forged = value
    await open().cache.setMode('shared', { scope: 'fleet' })
    forged = undefined
    const { cache } = open()
    await clock.settle()
    expect(cache.mode()).toBe('on')
    await cache.setMode('off', { scope: 'fleet' })
    const late = open()
    await clock.advance(LOOK_MS)
    expect(late.cache.mode()).toBe('off')
  })
})
