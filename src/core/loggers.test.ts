/** The lines of a cache as the loggers write them that people use: pino, and the console. */

import { Console } from 'node:console'
import { Writable } from 'node:stream'
import { type Level, pino } from 'pino'
import { describe, expect, test } from 'vitest'
import type { LoggerLike } from '../contracts/logger.ts'
import { createCache } from '../create-cache.ts'
import { memoryTier } from '../memory/index.ts'
import { FakeClock } from '../testing/fake-clock.ts'

/** Where a logger writes to, in whole lines. */
class Paper extends Writable {
  readonly written: string[] = []

  override _write(chunk: Buffer, _: string, done: () => void): void {
    this.written.push(chunk.toString())
    done()
  }

  get lines(): readonly string[] {
    return this.written.join('').trimEnd().split('\n')
  }
}

/** Time passes until it has ended. */
async function run(clock: FakeClock, work: Promise<unknown>): Promise<void> {
  const state = { ended: false }
  const end = (): void => {
    state.ended = true
  }
  work.then(end, end)
  while (!state.ended) await clock.advance(10)
  await work
}

/** Does one of everything that makes a line, at most once a pattern and kind. */
async function play(logger: LoggerLike): Promise<void> {
  const clock = new FakeClock()
  const options = { name: 'shop', shared: memoryTier(), logger, summaryEvery: '1m' } as const
  const cache = createCache({ ...options, idle: { after: '1h' } }, { clock })
  await run(clock, cache.ready())
  const products = cache.collection<number, string>('product', {
    source: {
      load: (id) => {
        if (id !== 7) return `Lamp ${id}`
        return new Promise((resolve) => void clock.schedule(250, () => resolve('slow')))
      },
    },
    idle: { after: '1h' },
  })
  await run(clock, products.get(1))
  await run(clock, products.get(1))
  await run(clock, products.get(7))
  await run(clock, products.refresh(1))
  await run(
    clock,
    cache.setMany<unknown>([
      ['a', 1],
      ['b', () => 2],
      ['c', () => 3],
    ]),
  )
  await run(clock, products.delete(1))
  await run(clock, products.warm([2, 3]))
  await run(clock, cache.cleanUp())
  await clock.advance(60_000)
  await run(clock, cache.close())
}

const LINES: Readonly<Record<'debug' | 'info' | 'warn', readonly (string | RegExp)[]>> = {
  debug: ['hit', 'miss'],
  info: ['write', 'invalidation', 'refresh', 'warming', 'clean-up', /^product:\*: \d/],
  warn: ['slow operation', 'a part of a batch failed'],
}

interface PinoLine {
  readonly level: number
  readonly msg: string
  readonly [field: string]: unknown
}

describe('pino', () => {
  async function linesAt(level: Level): Promise<readonly PinoLine[]> {
    const paper = new Paper()
    await play(pino({ level, base: null, timestamp: false }, paper))
    return paper.lines.filter((line) => line !== '').map((line) => JSON.parse(line))
  }

  const has = (lines: readonly PinoLine[], level: number, words: string | RegExp): boolean =>
    lines.some(
      (line) =>
        line.level === level &&
        (typeof words === 'string' ? line.msg === words : words.test(line.msg)),
    )

  test.each([
    ['debug', ['debug', 'info', 'warn']],
    ['info', ['info', 'warn']],
    ['warn', ['warn']],
    ['error', []],
  ] as const)('at %s has lines of %j', async (level, expected) => {
    const lines = await linesAt(level)
    const numbers = { debug: 20, info: 30, warn: 40 }
    for (const one of ['debug', 'info', 'warn'] as const) {
      const isOn = (expected as readonly string[]).includes(one)
      for (const words of LINES[one])
        expect.soft(has(lines, numbers[one], words), `${words}`).toBe(isOn)
    }
  })

  test('has the fields that a search needs', async () => {
    const lines = await linesAt('info')
    const find = (words: string) => lines.find(({ msg }) => msg === words)
    expect(find('slow operation')).toEqual({
      ...{ level: 40, msg: 'slow operation', cache: 'shop', kind: 'load', pattern: 'product:*' },
      ...{ durationMs: 250, keyHash: expect.stringMatching(/^[0-9a-f]{8}$/) },
    })
    expect(find('a part of a batch failed')).toMatchObject({ pattern: '*', kind: 'set' })
    expect(find('clean-up')).toMatchObject({ removed: 0, durationMs: expect.any(Number) })
    expect(find('warming')).toMatchObject({ loaded: 2, elapsedMs: expect.any(Number) })
    expect(find('invalidation')).toMatchObject({ origin: 'local', kind: 'keys', count: 1 })
    expect(lines.find(({ msg }) => msg.startsWith('product:*: '))).toMatchObject({
      hitRate: 33.3,
      hits: 1,
      requests: 3,
    })
  })
})

describe('the console', () => {
  test('has lines from info up, and warnings where errors go', async () => {
    const [out, err] = [new Paper(), new Paper()]
    await play(new Console(out, err))
    expect(out.lines.join('\n')).toMatch(/cache: 'shop'[\s\S]*} write/)
    expect(out.lines.join('\n')).not.toMatch(/} (hit|miss)$/m)
    expect(err.lines.join('\n')).toMatch(/} slow operation/)
  })
})

describe('a slow operation', () => {
  async function slowLines(options: { readonly logKeys?: 'shown' } = {}) {
    const clock = new FakeClock()
    const paper = new Paper()
    const logger = pino({ level: 'warn', base: null, timestamp: false }, paper)
    const slow = <T>(answer: T): Promise<T> =>
      new Promise((resolve) => void clock.schedule(150, () => resolve(answer)))
    const cache = createCache({ name: 'shop', shared: memoryTier(), logger, ...options }, { clock })
    await run(clock, cache.ready())
    const things = cache.collection<string, string>('thing', {
      store: {
        fencing: 'unfenced',
        load: () => slow('loaded'),
        apply: (writes) => slow(writes.map(() => ({ kind: 'applied' }))),
      },
    })
    await run(clock, things.get('canary-key'))
    await run(clock, things.put('canary-key', 'new'))
    await run(clock, things.remove('canary-key'))
    await run(
      clock,
      cache.getOrLoad('canary-other', () => slow(1)),
    )
    await run(clock, cache.close())
    const lines: PinoLine[] = paper.lines.map((line) => JSON.parse(line))
    return lines.filter(({ msg }) => msg === 'slow operation')
  }

  test('is told with the same hash for the same key, whatever was done', async () => {
    const lines = await slowLines()
    expect(lines.map(({ kind, pattern }) => [kind, pattern])).toEqual([
      ['load', 'thing:*'],
      ['put', 'thing:*'],
      ['remove', 'thing:*'],
      ['load', '*'],
    ])
    const [first, second, third, other] = lines.map(({ keyHash }) => keyHash)
    expect([second, third]).toEqual([first, first])
    expect(other).not.toBe(first)
    expect(JSON.stringify(lines)).not.toContain('canary')
  })

  test('is told with the key itself where that is asked for', async () => {
    const lines = await slowLines({ logKeys: 'shown' })
    expect(lines.map(({ key }) => key)).toEqual([
      ...['canary-key', 'canary-key', 'canary-key', 'canary-other'],
    ])
  })
})
