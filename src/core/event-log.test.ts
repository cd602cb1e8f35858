import { describe, expect, test } from 'vitest'
import { ArgumentError, ConflictError, LoaderTimeoutError, TierError } from '../contracts/errors.ts'
import type { CacheEvent } from '../contracts/events.ts'
import type { LoggerLike } from '../contracts/logger.ts'
import { FakeClock } from '../testing/fake-clock.ts'
import { EventLog } from './event-log.ts'

type Line = readonly [level: string, fields: object, message: string]

/** A logger that keeps its lines; its methods need their `this`, as those of classes do. */
class Lines implements LoggerLike {
  readonly lines: Line[] = []
  readonly level?: string

  constructor(level?: string) {
    if (level !== undefined) this.level = level
  }

  debug(fields: object, message: string): void {
    this.lines.push(['debug', fields, message])
  }

  info(fields: object, message: string): void {
    this.lines.push(['info', fields, message])
  }

  warn(fields: object, message: string): void {
    this.lines.push(['warn', fields, message])
  }

  error(fields: object, message: string): void {
    this.lines.push(['error', fields, message])
  }
}

function setup(...given: [LoggerLike?] | [undefined]) {
  const logger = given.length === 0 ? new Lines() : given[0]
  const clock = new FakeClock()
  const warnings: string[] = []
  const log = new EventLog({
    name: 'shop',
    logger,
    emitWarning: (message) => warnings.push(message),
    clock,
    slowAfterMs: 100,
  })
  const lines = logger instanceof Lines ? logger.lines : []
  const take = (): Line[] => lines.splice(0)
  return { clock, warnings, log, take }
}

const LOAD = {
  type: 'load',
  pattern: 'thing:*',
  outcome: 'loaded',
  durationMs: 5,
  reason: 'miss',
  error: undefined,
} as const satisfies CacheEvent
const WRITE = {
  type: 'write',
  pattern: 'thing:*',
  kind: 'set',
  outcome: 'done',
  count: 1,
  durationMs: 5,
  error: undefined,
} as const satisfies CacheEvent
const INVALIDATION = {
  type: 'invalidation',
  kind: 'keys',
  pattern: 'thing:*',
  origin: 'local',
  count: 2,
  state: 'done',
  durationMs: 5,
} as const satisfies CacheEvent
const LATENCY = {
  type: 'latency',
  pattern: 'thing:*',
  operation: 'get',
  tier: 'shared',
  count: 3,
  durationMs: 5,
} as const satisfies CacheEvent
const TIER_FAILURE = {
  type: 'tier-failure',
  tier: 'shared',
  operation: 'read',
  error: new TierError('shared', 'It is away.'),
} as const satisfies CacheEvent
const UNDECODABLE = {
  type: 'undecodable',
  pattern: 'thing:*',
  reason: 'corrupt',
  error: undefined,
} as const satisfies CacheEvent

const WARMING = {
  type: 'warming',
  pattern: 'thing:*',
  reason: 'start',
  state: 'done',
  ...{ loaded: 5, fresh: 0, absent: 0, failed: 0, elapsedMs: 9, ticks: 0 },
  expected: undefined,
  error: undefined,
} as const satisfies CacheEvent
const ACCURACY = { precision: 0.5, recall: 0.5 }
const FORECAST = {
  type: 'forecast',
  pattern: 'thing:*',
  state: 'scored',
  on: true,
  startsAt: 0,
  ...{ forecast: ACCURACY, lastHour: ACCURACY, steady: ACCURACY },
} as const satisfies CacheEvent
const ALERT = {
  type: 'alert',
  pattern: '*',
  code: 'hit-rate',
  state: 'raised',
  health: 'degraded',
  ...{
    value: 0.4,
    threshold: 0.7,
    message: 'The hit rate is 40 %.',
    cure: 'Look at the verdicts.',
  },
} as const satisfies CacheEvent
const SHADOW = {
  type: 'shadow',
  pattern: 'thing:*',
  outcome: 'different',
  count: 1,
} as const satisfies CacheEvent
const CLEAN_UP = {
  type: 'clean-up',
  pattern: '*',
  outcome: 'done',
  resumed: false,
  ...{ removed: 2, before: 9, after: 7, memory: undefined, copies: 1, durationMs: 4 },
} as const satisfies CacheEvent
const OLD_VERSIONS = {
  type: 'old-versions',
  pattern: 'thing:*',
  state: 'done',
  ...{ below: 2, scanned: 9, removed: 3, newer: 0, durationMs: 4 },
} as const satisfies CacheEvent
const AUDIT = {
  type: 'audit',
  ...{ sampled: 9, consistent: 8, stale: 1, unsure: 0, withinMs: 1000, nines: 1 },
} as const satisfies CacheEvent
const CONNECTION = {
  type: 'connection',
  tier: 'shared',
  pattern: '*',
  state: 'open',
  reason: 'five calls failed',
} as const satisfies CacheEvent
const QUEUE = {
  type: 'queue',
  pattern: 'thing:*',
  state: 'applied',
  ...{ count: 3, waiting: 0, oldestMs: 5, error: undefined },
} as const satisfies CacheEvent

const SILENT: readonly CacheEvent[] = [
  { type: 'reads', tier: 'memory', pattern: '*', hits: 1, misses: 1, errors: 0 },
  { type: 'stale', pattern: '*', reason: 'load-slow' },
  { type: 'removal', tier: 'memory', pattern: '*', cause: 'expired', count: 1 },
  { type: 'compression', pattern: '*', bytesBefore: 2, bytesAfter: 1, durationMs: 1 },
  LOAD,
]

describe('the lines of a cache', () => {
  test.each<[CacheEvent, readonly [string, string][]]>([
    [WRITE, [['info', 'write']]],
    [INVALIDATION, [['info', 'invalidation']]],
    [
      { ...INVALIDATION, state: 'pending' },
      [['warn', 'an invalidation waits for the shared tier']],
    ],
    [{ ...LOAD, reason: 'refresh' }, [['info', 'refresh']]],
    [{ ...LOAD, outcome: 'failed', error: new Error('x') }, [['warn', 'a load failed']]],
    [{ ...WRITE, outcome: 'failed', error: new Error('x') }, [['warn', 'a write failed']]],
    [
      { ...WRITE, outcome: 'failed', count: 3, error: new Error('x') },
      [['warn', 'a part of a batch failed']],
    ],
    [UNDECODABLE, [['warn', 'an entry could not be read, and is a miss']]],
    [TIER_FAILURE, [['warn', 'the shared tier failed; the call went on without it']]],
    [
      { ...INVALIDATION, durationMs: 100 },
      [
        ['warn', 'slow operation'],
        ['info', 'invalidation'],
      ],
    ],
    [{ ...LATENCY, durationMs: 100 }, [['warn', 'slow operation']]],
    [{ ...LATENCY, tier: 'source', durationMs: 100 }, []],
    [WARMING, [['info', 'warming']]],
    [{ ...WARMING, state: 'cancelled' }, [['info', 'warming']]],
    [{ ...WARMING, state: 'progress' }, [['debug', 'warming']]],
    [
      { ...WARMING, failed: 1 },
      [
        ['warn', 'a part of a warming has failed'],
        ['info', 'warming'],
      ],
    ],
    [
      { ...WARMING, state: 'failed', error: new Error('x') },
      [
        ['warn', 'a warming has failed'],
        ['debug', 'warming'],
      ],
    ],
    [
      { ...WARMING, state: 'missed', ticks: 1 },
      [
        ['warn', 'a scheduled warming was missed'],
        ['debug', 'warming'],
      ],
    ],
    [FORECAST, [['debug', 'forecast']]],
    [
      { ...FORECAST, state: 'switched' },
      [['info', 'the forecast is worth its loads: switched on']],
    ],
    [
      { ...FORECAST, state: 'switched', on: false },
      [['warn', 'the forecast is no better than what was read last: switched off']],
    ],
    [ALERT, [['warn', 'The hit rate is 40 %. Look at the verdicts.']]],
    [{ ...ALERT, health: 'healthy' }, [['info', 'The hit rate is 40 %.']]],
    [{ ...ALERT, state: 'cleared' }, [['info', 'alert cleared']]],
    [SHADOW, [['warn', 'a hit was not what the source has']]],
    [{ ...SHADOW, outcome: 'same' }, [['debug', 'shadow']]],
    [{ type: 'mode', pattern: '*', mode: 'off', before: 'on', scope: 'fleet' }, [['info', 'mode']]],
    [CLEAN_UP, [['info', 'clean-up']]],
    [OLD_VERSIONS, [['info', 'old versions']]],
    [{ ...OLD_VERSIONS, state: 'running' }, [['debug', 'old versions']]],
    [AUDIT, [['warn', 'copies were stale for longer than allowed']]],
    [{ ...AUDIT, stale: 0 }, []],
    [CONNECTION, [['warn', 'the shared tier is not asked for a while: five calls failed']]],
    [
      { ...CONNECTION, state: 'blind' },
      [['warn', 'the shared tier cannot be followed: five calls failed']],
    ],
    [{ ...CONNECTION, state: 'closed' }, [['info', 'connection']]],
    [QUEUE, [['info', 'queue']]],
    [{ ...UNDECODABLE, reason: 'older' }, [['debug', 'another version']]],
    [{ ...UNDECODABLE, reason: 'newer' }, [['debug', 'another version']]],
    [{ ...INVALIDATION, origin: 'remote' }, [['debug', 'invalidation']]],
    [
      { ...WRITE, kind: 'fill', outcome: 'failed', error: new Error('x') },
      [['warn', 'a loaded value cannot be kept']],
    ],
  ])('tell of %o', (event, expected) => {
    const { log, take } = setup(new Lines('debug'))
    log.hear(event)
    expect(take().map(([level, , message]) => [level, message])).toEqual(expected)
  })

  test('tell of hits and misses at debug', () => {
    const { log, take } = setup(new Lines('debug'))
    log.read?.('thing:*', 'memory', true)
    log.read?.('*', 'shared', false)
    expect(take()).toEqual([
      ['debug', { cache: 'shop', pattern: 'thing:*', tier: 'memory' }, 'hit'],
      ['debug', { cache: 'shop', pattern: '*', tier: 'shared' }, 'miss'],
    ])
  })

  test('leave out what is ordinary', () => {
    const { log, take } = setup()
    for (const event of SILENT) log.hear(event)
    expect(take()).toEqual([])
  })

  test('call nothing slow where that is off', () => {
    const { log, take } = setup()
    const off = new EventLog({
      name: 'shop',
      logger: new Lines(),
      emitWarning: () => {},
      clock: new FakeClock(),
      slowAfterMs: undefined,
    })
    off.slow('load', 'thing:*', 1e9, 7)
    log.slow('load', 'thing:*', 99, 7)
    expect(take()).toEqual([])
  })

  test('name the key of a slow operation by a hash, or as it is where that is asked for', () => {
    const { log, take } = setup()
    for (const key of ['canary', 42, 42n, '42']) log.slow('load', 'thing:*', 100, key)
    const fields = take().map(([, told]) => told as { keyHash: string })
    expect(JSON.stringify(fields)).not.toContain('canary')
    expect(fields[0]).toEqual({
      ...{ cache: 'shop', kind: 'load', pattern: 'thing:*', durationMs: 100 },
      keyHash: expect.stringMatching(/^[0-9a-f]{8}$/),
    })
    expect(new Set(fields.map(({ keyHash }) => keyHash)).size).toBe(4)
    const shown = new Lines()
    const options = { emitWarning: () => {}, clock: new FakeClock(), slowAfterMs: 100 }
    const open = new EventLog({ name: 'shop', logger: shown, ...options, logKeys: 'shown' })
    open.slow('load', 'thing:*', 100, 42n)
    expect(shown.lines).toEqual([
      ['warn', expect.objectContaining({ key: '42' }), 'slow operation'],
    ])
  })

  test('of a foreign error and its causes have the words only where keys are shown', () => {
    const cause = Object.assign(new Error('for user 42'), { code: 'ECONNREFUSED' })
    const error = new Error('row 42', { cause })
    for (const logKeys of ['hash', 'shown'] as const) {
      const logger = new Lines()
      const options = { emitWarning: () => {}, clock: new FakeClock(), slowAfterMs: 100 }
      const log = new EventLog({ name: 'shop', logger, ...options, logKeys })
      log.warn('load', 'thing:*', 'a load failed', { error })
      const [[, fields]] = logger.lines as unknown as [[string, object]]
      const isShown = logKeys === 'shown'
      expect(JSON.stringify(fields).includes('42')).toBe(isShown)
      expect(fields).toMatchObject({
        error: {
          ...(isShown ? { message: 'row 42' } : {}),
          cause: { name: 'Error', code: 'ECONNREFUSED' },
        },
      })
    }
  })
})

describe('a level', () => {
  const TOLD = [
    ['trace', ['debug', 'info', 'warn']],
    ['debug', ['debug', 'info', 'warn']],
    ['info', ['info', 'warn']],
    ['warn', ['warn']],
    ['error', []],
    ['fatal', []],
    ['silent', []],
    [undefined, ['info', 'warn']],
    ['a level of their own', ['debug', 'info', 'warn']],
  ] as const

  test.each(TOLD)('%s lets through %j', (level, expected) => {
    const { log, take } = setup(new Lines(level))
    log.read?.('*', 'memory', true)
    log.hear(WRITE)
    log.hear(TIER_FAILURE)
    expect(take().map(([told]) => told)).toEqual(expected)
  })

  test('that is off builds no arguments', () => {
    const { log } = setup(new Lines('error'))
    expect([log.read, log.info]).toEqual([undefined, undefined])
    // Whoever copied its fields into a line would ask for their names.
    const untouched = new Proxy(INVALIDATION, {
      ownKeys: () => expect.fail('the line was built'),
    })
    log.hear(untouched)
  })

  test('whose method is missing is off', () => {
    const warned: string[] = []
    const bare: LoggerLike = { warn: (_, message) => warned.push(message), error: () => {} }
    const { log } = setup(bare)
    expect([log.read, log.info]).toEqual([undefined, undefined])
    log.hear(WRITE)
    log.hear(UNDECODABLE)
    expect(warned).toEqual(['an entry could not be read, and is a miss'])
  })

  test('of console lets through what is no line for each hit', () => {
    const shape: LoggerLike = console
    const { log } = setup(shape)
    expect(log.info).toBeTypeOf('function')
    expect(log.read).toBe(undefined)
  })
})

describe('a warning', () => {
  test('of one kind and pattern comes once in ten seconds, with the number left out', async () => {
    const { log, take, clock } = setup()
    for (let i = 0; i < 5; i += 1) log.hear(TIER_FAILURE)
    await clock.advance(9_999)
    log.hear(TIER_FAILURE)
    expect(take()).toHaveLength(1)
    await clock.advance(1)
    log.hear(TIER_FAILURE)
    expect(take()).toEqual([['warn', expect.objectContaining({ leftOut: 5 }), expect.anything()]])
    await clock.advance(10_000)
    log.hear(TIER_FAILURE)
    const [[, fields] = []] = take()
    expect(fields).not.toHaveProperty('leftOut')
  })

  test('whose words have figures in them is forgotten in the end, and others are not', async () => {
    const { log, take, clock } = setup()
    log.hear(TIER_FAILURE)
    for (let i = 0; i < 999; i += 1) log.hear({ ...ALERT, message: `${i} wait.` })
    log.hear(TIER_FAILURE)
    expect(take()).toHaveLength(1_000)
    log.hear({ ...ALERT, message: 'One more waits.' })
    await clock.advance(0)
    log.hear(TIER_FAILURE)
    expect(take()).toHaveLength(2)
  })

  test('of another kind or pattern comes too', () => {
    const { log, take } = setup()
    log.hear(TIER_FAILURE)
    log.hear({ ...TIER_FAILURE, operation: 'claim' })
    log.hear(UNDECODABLE)
    log.hear({ ...UNDECODABLE, pattern: '*' })
    log.hear({ ...UNDECODABLE, reason: 'schema' })
    expect(take()).toHaveLength(5)
  })

  test('shows of an error what is ours, and of a foreign one its kind alone', () => {
    const { log, take } = setup()
    const secret = 'canary-key'
    const foreign = Object.assign(new RangeError(secret), { code: 'ECONNREFUSED' })
    const errors: readonly unknown[] = [
      foreign,
      Object.assign(new Error(secret), { code: 7 }),
      new TierError('shared', 'The shared tier failed.', { cause: foreign }),
      new ArgumentError({ field: 'key', expected: 'a key', actual: secret }),
      new ConflictError(`The source refused the create: ${secret} is there`),
      new LoaderTimeoutError('thing:*', 5_000),
      secret,
      { message: secret },
    ]
    for (const [index, error] of errors.entries()) log.warn('load', `${index}`, 'failed', { error })
    const lines = take()
    expect(JSON.stringify(lines)).not.toContain(secret)
    expect(lines.map(([, fields]) => (fields as { error: object }).error)).toEqual([
      { name: 'RangeError', code: 'ECONNREFUSED' },
      { name: 'Error' },
      {
        name: 'TierError',
        code: 'tier',
        message: 'The shared tier failed.',
        cause: { name: 'RangeError', code: 'ECONNREFUSED' },
      },
      { name: 'ArgumentError', code: 'argument', field: 'key', expected: 'a key' },
      { name: 'ConflictError', code: 'conflict' },
      expect.objectContaining({ name: 'LoaderTimeoutError', message: expect.any(String) }),
      { name: 'string' },
      { name: 'object' },
    ])
  })
})

describe('without a logger', () => {
  test('only what no caller was told is warned of', () => {
    const { log, warnings } = setup(undefined)
    expect([log.read, log.info]).toEqual([undefined, undefined])
    const error = new Error('canary')
    log.hear({ ...LOAD, outcome: 'failed', error })
    log.hear({ ...WRITE, outcome: 'failed', error })
    log.slow('load', 'thing:*', 1e6, 7)
    log.slow('set', 'thing:*', 1e6, 7)
    log.hear(INVALIDATION)
    expect(warnings).toEqual([])
    log.hear({ ...INVALIDATION, state: 'pending' })
    log.hear(TIER_FAILURE)
    log.hear({ ...UNDECODABLE, error })
    expect(warnings).toHaveLength(3)
    expect(warnings[0]).toMatch(/^cache `shop`: an invalidation waits for the shared tier \{/)
    expect(warnings.join()).not.toContain('canary')
  })
})

test('a logger that throws fails nobody', () => {
  const broken = (): never => {
    throw new Error('disk full')
  }
  const { log } = setup({ debug: broken, info: broken, warn: broken, error: broken })
  log.read?.('*', 'memory', true)
  for (const event of [WRITE, INVALIDATION, TIER_FAILURE]) log.hear(event)
})

test('warns of writes that wait for a source that is away, and of those that were given up', () => {
  const { log, take } = setup()
  const common = { type: 'queue', pattern: 'thing:*', waiting: 7, oldestMs: 900 } as const
  const error = Object.assign(new Error('row 7 of Ada'), { code: '08006' })
  log.hear({ ...common, state: 'away', count: 5, error })
  log.hear({ ...common, state: 'dead', count: 2, error: 'Error: row 7 of Ada' })
  expect(take()).toEqual([
    [
      'warn',
      {
        cache: 'shop',
        kind: 'away',
        pattern: 'thing:*',
        error: { name: 'Error', code: '08006' },
        writes: 5,
      },
      'the source does not take what waits',
    ],
    [
      'warn',
      { cache: 'shop', kind: 'dead', pattern: 'thing:*', writes: 2 },
      'writes were given up and are dead letters',
    ],
  ])
})
