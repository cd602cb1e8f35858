import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { benchOptions } from '../src/bench-options.ts'
import { replayOptions } from '../src/replay/replay-options.ts'
import { suiteNames } from '../src/suites/suite-names.ts'
import { UsageError } from '../src/usage-error.ts'

/** Runs one of the two programs; answers its exit code and what it wrote. */
async function setup(program: 'main' | 'replay', args: readonly string[]) {
  const path = fileURLToPath(new URL(`../src/${program}.ts`, import.meta.url))
  try {
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [path, ...args])
    return { code: 0, stdout, stderr }
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string }
    return { code, stdout, stderr }
  }
}

describe('the flags of the replay', () => {
  test('have defaults for a generated trace', () => {
    expect(replayOptions([])).toEqual({
      trace: { kind: 'zipf', requests: 200_000, keys: 50_000, skew: 0.9, seed: 1 },
      requests: Number.POSITIVE_INFINITY,
      entries: 2000,
      readers: 1,
      json: undefined,
    })
  })

  test('tell a format that was guessed from one that was given', () => {
    expect(replayOptions(['--trace', 'a/lirs/b.trace.gz'])).toMatchObject({
      trace: { format: 'lirs', formatFrom: 'name' },
    })
    expect(replayOptions(['--trace', 'a/lirs/b.trace.gz', '--format', 'keys'])).toMatchObject({
      trace: { format: 'keys', formatFrom: 'flag' },
    })
  })

  test.each([
    [['--requests', 'many'], '--requests'],
    [['--requests', '0'], '--requests'],
    [['--entries', '1.5'], 'whole number'],
    [['--entries='], '--entries'],
    [['--trace', 'some.trace'], 'give --format'],
    [['--trace', 'a.keys', '--format', 'csv'], '`csv`'],
    [['--trace', 'a.keys', '--keys', '5'], '--keys is for a generated trace'],
    [['--format', 'keys'], 'needs a --trace'],
    [['--colour'], '--colour'],
    [['trace.gz'], 'Unexpected argument'],
  ])('%j are refused with a word about %s', (args, about) => {
    expect(() => replayOptions(args)).toThrow(UsageError)
    expect(() => replayOptions(args)).toThrow(about)
  })
})

describe('the flags of the bench', () => {
  test('name one suite or all', () => {
    expect(benchOptions(['l1', '--quick'])).toMatchObject({
      suites: ['l1'],
      quick: true,
      page: false,
    })
    expect(benchOptions(['all'])).toMatchObject({ suites: suiteNames, quick: false, page: true })
  })

  test('reset connections only together with invalidations', () => {
    expect(benchOptions(['invalidation', '--resets'])).toMatchObject({ resets: true })
    expect(benchOptions(['all', '--resets'])).toMatchObject({ resets: true })
    expect(() => benchOptions(['hit', '--resets'])).toThrow('--resets')
  })

  test.each([
    [[], 'got none'],
    [['speed'], '`speed`'],
    [['hit', 'l1'], 'Unexpected argument `l1`'],
    [['hit', '--json'], '--json'],
  ])('%j are refused with a word about %s', (args, about) => {
    expect(() => benchOptions(args)).toThrow(UsageError)
    expect(() => benchOptions(args)).toThrow(about)
  })
})

describe.each(['main', 'replay'] as const)('%s', (program) => {
  test('answers a bad flag with one line and exit code 2', async () => {
    const { code, stdout, stderr } = await setup(program, ['--nonsense'])
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr.trimEnd().split('\n')).toHaveLength(1)
    expect(stderr).toContain('--nonsense')
  })

  test('explains itself', async () => {
    const { code, stdout } = await setup(program, ['--help'])
    expect(code).toBe(0)
    expect(stdout).toContain('Usage: npm run')
  })
})
