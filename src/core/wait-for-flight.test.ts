import { describe, expect, test } from 'vitest'
import { createEnvelopeFormat } from '../codecs/envelope-format.ts'
import { jsonCodec } from '../codecs/index.ts'
import type { CacheEvent } from '../contracts/events.ts'
import type { MemoryEntry } from '../contracts/memory-tier.ts'
import { FakeClock } from '../testing/fake-clock.ts'
import { SeededRandom } from '../testing/seeded-random.ts'
import type { Answer } from './answer.ts'
import { Background } from './background.ts'
import type { Engine } from './engine.ts'
import { EventLog } from './event-log.ts'
import { Flight } from './flight.ts'
import { InvalidationTelling } from './invalidation-telling.ts'
import { LocalOrder } from './local-order.ts'
import { DEFAULT_ENTRY_OPTIONS } from './resolve-entry-options.ts'
import { createSpace, type Space } from './space.ts'
import { waitForFlight } from './wait-for-flight.ts'

const TIMEOUTS = { softMs: 200, hardMs: 5_000 }

/** Fresh until 0, in grace until 1,000. */
const GRACED: MemoryEntry = {
  value: 'old',
  absent: false,
  servedUntil: 0,
  freshUntil: 0,
  aheadFrom: Number.POSITIVE_INFINITY,
  graceUntil: 1_000,
  createdAt: 0,
  ttlMs: 1_000,
  renewal: 'fixed',
  graceMs: 1_000,
  renewableUntil: Number.POSITIVE_INFINITY,
  stamp: 0,
  shared: undefined,
  tags: [],
  size: 1,
  priority: 'normal',
  loadMs: undefined,
}
const LOADED: Answer = { found: true, value: 'new', tier: 'source', createdAt: 0, stale: false }

function engineOn(clock: FakeClock, closing: AbortSignal, events: CacheEvent[]): Engine {
  const log = new EventLog({
    name: 'shop',
    logger: undefined,
    emitWarning: () => {},
    clock,
    slowAfterMs: undefined,
  })
  const report = (event: CacheEvent): void => void events.push(event)
  return {
    name: 'shop',
    clock,
    random: new SeededRandom(1),
    report,
    invalidations: new InvalidationTelling({ clock, report, isWanted: () => true }),
    log,
    order: new LocalOrder(),
    background: new Background(() => {}),
    spaces: new Map(),
    behind: undefined,
    warming: undefined,
    shared: undefined,
    maxBlindnessMs: 5_000,
    whenBlind: 'bypass',
    closing,
    onClose: (listener) => {
      closing.addEventListener('abort', listener, { once: true })
      return () => closing.removeEventListener('abort', listener)
    },
  }
}

function spaceOn(clock: FakeClock): Space {
  return createSpace({
    name: 'thing',
    memory: undefined,
    idle: undefined,
    envelope: createEnvelopeFormat({
      codecs: [],
      write: jsonCodec(),
      compression: undefined,
      compressors: [],
      maxInflatedBytes: 1,
      clock,
    }),
    options: DEFAULT_ENTRY_OPTIONS,
    memoryTtlMs: Number.POSITIVE_INFINITY,
    timeouts: TIMEOUTS,
    schemaVersion: 0,
    migrate: undefined,
    schema: undefined,
    tagsOf: undefined,
    load: undefined,
    behind: false,
    versionOf: undefined,
    reads: undefined,
    heat: undefined,
    shardBy: undefined,
  })
}

/** A flight, and callers that wait for it. `outcomes` has what each has come to so far. */
function setup(entry?: MemoryEntry) {
  const fallback = entry && ({ entry, tier: 'memory' } as const)
  const clock = new FakeClock()
  const closing = new AbortController()
  const events: CacheEvent[] = []
  const engine = engineOn(clock, closing.signal, events)
  const space = spaceOn(clock)
  const reservation = space.reservations.reserve({
    key: 'a',
    stamp: 0,
    kind: 'load',
    shared: undefined,
  })
  const flight = new Flight({
    key: 'a',
    reservation,
    reason: 'miss',
    uncached: false,
    asked: undefined,
    openedAt: 0,
    hardMs: 5_000,
    fallback,
    previous: undefined,
    memoryTtlMs: undefined,
  })
  const outcomes: unknown[] = []
  const wait = (signal?: AbortSignal): void => {
    waitForFlight(engine, space, { flight, signal, timeouts: TIMEOUTS, reason: 'miss' }).then(
      (answer) => outcomes.push(answer.found ? answer.value : answer),
      (error: Error) => outcomes.push(error.message),
    )
  }
  return { clock, closing, events, flight, outcomes, wait }
}

describe('a wait', () => {
  test('ends with what the load brings, and leaves no timer', async () => {
    const { wait, flight, outcomes, clock } = setup()
    wait()
    wait()
    flight.succeed(LOADED)
    await clock.settle()
    expect(outcomes).toEqual(['new', 'new'])
    expect(clock.timers).toBe(0)
  })

  test('ends with the error of the load where nothing graced is at hand', async () => {
    const { wait, flight, outcomes, clock } = setup()
    wait()
    flight.fail(new Error('down'))
    await clock.settle()
    expect(outcomes).toEqual(['down'])
  })

  test('ends with the graced value if the load fails', async () => {
    const { wait, flight, outcomes, clock, events } = setup(GRACED)
    wait()
    flight.fail(new Error('down'))
    await clock.settle()
    expect(outcomes).toEqual(['old'])
    expect(events).toEqual([{ type: 'stale', pattern: 'thing:*', reason: 'load-failed' }])
  })

  test('ends at the soft timeout with the graced value, and at the hard one without', async () => {
    const graced = setup(GRACED)
    graced.wait()
    await graced.clock.advance(199)
    expect(graced.outcomes).toEqual([])
    await graced.clock.advance(1)
    expect(graced.outcomes).toEqual(['old'])

    const bare = setup()
    bare.wait()
    await bare.clock.advance(4_999)
    expect(bare.outcomes).toEqual([])
    await bare.clock.advance(1)
    expect(bare.outcomes).toEqual([
      'A load of thing:* took longer than the hard timeout of 5000 ms.',
    ])
    expect([graced.clock.timers, bare.clock.timers]).toEqual([0, 0])
    expect(bare.flight.signal.aborted).toBe(false)
  })

  test('whose patience is over takes the first graced value that turns up', async () => {
    const { wait, flight, outcomes, clock } = setup()
    wait()
    await clock.advance(300)
    flight.offer({ entry: GRACED, tier: 'shared' })
    await clock.settle()
    expect(outcomes).toEqual(['old'])
  })

  test('that is still patient goes on when a graced value turns up', async () => {
    const { wait, flight, outcomes, clock } = setup()
    wait()
    flight.offer({ entry: GRACED, tier: 'shared' })
    await clock.advance(100)
    expect(outcomes).toEqual([])
    flight.succeed(LOADED)
    await clock.settle()
    expect(outcomes).toEqual(['new'])
  })

  test('never ends with a value whose grace is over', async () => {
    const { wait, flight, outcomes, clock } = setup({ ...GRACED, graceUntil: 150 })
    wait()
    await clock.advance(1_000)
    expect(outcomes).toEqual([])
    flight.fail(new Error('down'))
    await clock.settle()
    expect(outcomes).toEqual(['down'])
  })

  test('that is aborted ends with the reason, the last one stops the load', async () => {
    const { wait, flight, outcomes, clock } = setup(GRACED)
    const [one, two] = [new AbortController(), new AbortController()]
    wait(one.signal)
    wait(two.signal)
    one.abort(new Error('one'))
    await clock.settle()
    expect(outcomes).toEqual(['one'])
    expect(flight.signal.aborted).toBe(false)
    two.abort(new Error('two'))
    await clock.settle()
    expect(outcomes).toEqual(['one', 'two'])
    expect(flight.signal.aborted).toBe(true)
    expect(clock.timers).toBe(0)
  })

  test('ends when the cache is closed', async () => {
    const { wait, closing, outcomes, clock } = setup(GRACED)
    wait()
    closing.abort()
    await clock.settle()
    expect(outcomes).toEqual(['The cache `shop` is closed.'])
    expect(clock.timers).toBe(0)
  })
})
