import { expect, test } from 'vitest'
import { ConfigError } from '../contracts/errors.ts'
import { FakeClock } from '../testing/index.ts'
import { JobBoard } from './job-board.ts'

function setup() {
  const clock = new FakeClock(1_000)
  return { clock, jobs: new JobBoard(clock) }
}

test('a job is begun once at a time, and others beside it', async () => {
  const { clock, jobs } = setup()
  const held = Promise.withResolvers<string>()
  expect(await jobs.begin('warm a', () => held.promise)).toBe('begun')
  expect(await jobs.begin('warm a', () => held.promise)).toBe('running')
  expect(await jobs.begin('warm b', async () => 'b')).toBe('begun')
  expect(jobs.of('warm a')).toEqual({ state: 'running', begunAt: 1_000 })
  await clock.advance(50)
  held.resolve('a')
  await clock.settle()
  expect(jobs.of('warm a')).toEqual({
    state: 'done',
    begunAt: 1_000,
    endedAt: 1_050,
    report: 'a',
    error: '',
  })
  expect(await jobs.begin('warm a', async () => 'again')).toBe('begun')
})

test('what cannot be begun at all is refused, and is not running then', async () => {
  const { jobs } = setup()
  const impossible = async (): Promise<never> => {
    throw new ConfigError({ field: 'idle', expected: 'given', actual: undefined })
  }
  await expect(jobs.begin('clean-up', impossible)).rejects.toThrow(ConfigError)
  const atOnce = (): never => {
    throw new Error('at once')
  }
  await expect(jobs.begin('clean-up', atOnce)).rejects.toThrow('at once')
  expect(jobs.of('clean-up')).toMatchObject({ state: 'failed', error: 'Error' })
})

test('what fails later is told by its class and code alone', async () => {
  const { clock, jobs } = setup()
  const held = Promise.withResolvers<never>()
  await jobs.begin('clean-up', () => held.promise)
  held.reject(Object.assign(new Error('redis://me:secret@host'), { code: 'ECONNREFUSED' }))
  await clock.settle()
  expect(jobs.of('clean-up')).toMatchObject({ state: 'failed', error: 'Error (ECONNREFUSED)' })
})
