import { expect, test } from 'vitest'
import { CircuitOpenError, LoaderTimeoutError } from '../contracts/errors.ts'
import type { Source } from '../contracts/source.ts'
import { createCache } from '../create-cache.ts'
import { FakeClock } from '../testing/fake-clock.ts'

const SILENT = { level: 'silent', warn: () => {}, error: () => {} }

/** A source that answers nothing while it hangs, whatever its signal says. */
function setup(how: 'load' | 'loadMany', more: Partial<Source<number, string>> = {}) {
  const clock = new FakeClock()
  const scene = { hangs: true, signals: [] as AbortSignal[] }
  const ask = async (signal: AbortSignal): Promise<void> => {
    scene.signals.push(signal)
    if (scene.hangs) await new Promise(() => {})
  }
  const source: Source<number, string> =
    how === 'load'
      ? { load: (key, { signal }) => ask(signal).then(() => `row ${key}`) }
      : {
          loadMany: async (keys, { signal }) => {
            await ask(signal)
            return new Map(keys.map((key) => [key, `row ${key}`]))
          },
        }
  const cache = createCache({ name: 'shop', logger: SILENT }, { clock })
  const rows = cache.collection<number, string>('row', {
    source: { concurrency: 2, breaker: 'off', ...source, ...more },
  })
  const settled = async (key: number): Promise<unknown> => {
    const reading = rows.get(key).catch((error: unknown) => error)
    await clock.advance(5_000)
    return await reading
  }
  return { clock, scene, cache, rows, settled }
}

test.each(['load', 'loadMany'] as const)(
  'a source that has hung is asked again, by %s, though nobody asks for the same keys',
  async (how) => {
    const { clock, scene, settled } = setup(how)
    for (const key of [1, 2, 3]) expect(await settled(key)).toBeInstanceOf(LoaderTimeoutError)
    scene.hangs = false
    expect(await settled(4)).toBeInstanceOf(LoaderTimeoutError)
    await clock.advance(60_000)
    expect(scene.signals.slice(0, 2).map(({ aborted }) => aborted)).toEqual([true, true])
    expect(await settled(5)).toBe('row 5')
    expect(await settled(3)).toBe('row 3')
  },
)

test('calls that were given up count as failures of the source', async () => {
  const { clock, rows, settled } = setup('load', { breaker: { failures: 2, rest: '1m' } })
  for (const key of [1, 2]) expect(await settled(key)).toBeInstanceOf(LoaderTimeoutError)
  await clock.advance(60_000)
  await expect(rows.get(3)).rejects.toBeInstanceOf(CircuitOpenError)
})

test('a caller with more patience than a minute has all of it', async () => {
  const { clock, scene, rows } = setup('load')
  const reading = rows.get(1, { timeouts: { hard: '2m' } }).catch((error: unknown) => error)
  await clock.advance(119_000)
  expect(scene.signals.map(({ aborted }) => aborted)).toEqual([false])
  await clock.advance(1_000)
  expect(await reading).toBeInstanceOf(LoaderTimeoutError)
  expect(scene.signals.map(({ aborted }) => aborted)).toEqual([true])
})

test('a batch has the patience of the most patient who asks', async () => {
  const { clock, scene, rows } = setup('loadMany')
  const reading = [rows.get(1), rows.get(2, { timeouts: { hard: '2m' } })].map((read) =>
    read.catch((error: unknown) => error),
  )
  await clock.advance(119_000)
  expect(scene.signals.map(({ aborted }) => aborted)).toEqual([false])
  await clock.advance(1_000)
  expect(scene.signals.map(({ aborted }) => aborted)).toEqual([true])
  expect(await Promise.all(reading)).toEqual([
    expect.any(LoaderTimeoutError),
    expect.any(LoaderTimeoutError),
  ])
})
