/**
 * Measures what the event log allocates for each kind of event, with a logger whose level is given. Run by
 * `silent-log.test.ts` as `node run-silent-log.ts LEVEL`, with room for all of it between two collections;
 * prints bytes a call by event, as JSON.
 */

import { EventLog } from '../../src/core/event-log.ts'
import type { CacheEvent } from '../../src/index.ts'
import { FakeClock } from '../../src/testing/fake-clock.ts'

const ROUNDS = 20_000

const [level = 'silent'] = process.argv.slice(2)
/** Held, so that no compiler finds out that nobody looks at a line. */
const held: { last?: object } = {}
const line = (fields: object): void => {
  held.last = fields
}
const logger = { level, debug: line, info: line, warn: line, error: line }
const clock = new FakeClock()
const log = new EventLog({
  name: 'shop',
  logger,
  emitWarning: () => {},
  clock,
  slowAfterMs: 100,
})

const pattern = 'thing:*'
const error = new Error('away')
const counts = { loaded: 1, fresh: 1, absent: 0, failed: 1, expected: 3, elapsedMs: 5, ticks: 0 }
const accuracy = { precision: 0.5, recall: 0.5 }
const hour = { startsAt: 0, forecast: accuracy, lastHour: accuracy, steady: accuracy }
const write = { type: 'write', pattern, kind: 'put', count: 1, durationMs: 500 } as const
const load = { type: 'load', pattern, durationMs: 500, reason: 'refresh' } as const
const queue = { type: 'queue', pattern, count: 1, waiting: 1, oldestMs: 1, error } as const
const removal = { type: 'invalidation', kind: 'keys', pattern, count: 1, durationMs: 1 } as const
const shared = { type: 'latency', pattern, operation: 'get', tier: 'shared', count: 1 } as const
const connection = { type: 'connection', tier: 'shared', pattern, reason: 'told' } as const
const warming = { type: 'warming', pattern, reason: 'start', ...counts, error } as const

const EVENTS = {
  write: { ...write, outcome: 'done', error: undefined },
  'failed write': { ...write, outcome: 'failed', error },
  load: { ...load, outcome: 'loaded', error: undefined },
  'failed load': { ...load, outcome: 'failed', error },
  invalidation: { ...removal, origin: 'local', state: 'done' },
  'remote invalidation': { ...removal, origin: 'remote', state: 'done' },
  'pending invalidation': { ...removal, origin: 'local', state: 'pending' },
  'slow read': { ...shared, durationMs: 500 },
  undecodable: { type: 'undecodable', pattern, reason: 'corrupt', error },
  'another version': { type: 'undecodable', pattern, reason: 'older', error: undefined },
  'tier failure': { type: 'tier-failure', tier: 'shared', operation: 'read', error },
  open: { ...connection, state: 'open' },
  closed: { ...connection, state: 'closed' },
  'dead letters': { ...queue, state: 'dead' },
  'source away': { ...queue, state: 'away' },
  applied: { ...queue, state: 'applied' },
  'warming failed': { ...warming, state: 'failed' },
  'warming done': { ...warming, state: 'done' },
  forecast: { type: 'forecast', pattern, state: 'scored', on: true, ...hour },
  'forecast off': { type: 'forecast', pattern, state: 'switched', on: false, ...hour },
  mode: { type: 'mode', pattern, mode: 'off', before: 'on', scope: 'fleet' },
  shadow: { type: 'shadow', pattern, outcome: 'different', count: 1 },
  'shadow same': { type: 'shadow', pattern, outcome: 'same', count: 1 },
} as const satisfies Readonly<Record<string, CacheEvent>>

/** The compiler may come late, or a collection: neither is the log's, which allocates every time or never. */
const TRIES = 5

function bytesOf(work: () => void): number {
  const tries = Array.from({ length: TRIES }, () => {
    const before = process.memoryUsage().heapUsed
    for (let round = 0; round < ROUNDS; round += 1) work()
    return (process.memoryUsage().heapUsed - before) / ROUNDS
  })
  return tries.sort((one, other) => one - other)[TRIES >> 1] ?? 0
}

const bytes: Record<string, number> = {
  hit: bytesOf(() => log.read?.(pattern, 'memory', true)),
  'slow load': bytesOf(() => log.slow('load', pattern, 500, 'key')),
}
for (const [name, event] of Object.entries(EVENTS)) bytes[name] = bytesOf(() => log.hear(event))
console.log(JSON.stringify(bytes))
