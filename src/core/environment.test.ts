import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import type { CacheOptions } from '../contracts/cache.ts'
import { ConfigError } from '../contracts/errors.ts'
import type { SharedTier } from '../contracts/shared-tier.ts'
import {
  COMMAND_LINE_VARIABLES,
  ENVIRONMENT_OPTIONS,
  variableName,
  withEnvironment,
  wordsFor,
} from './environment.ts'
import type { OptionRow } from './option-table.ts'

const PAGE = new URL('../../docs/environment.md', import.meta.url)

/** Never opened: what is checked is whether it is still there. */
const shared = {} as SharedTier
const OPTIONS: CacheOptions = { name: 'shop', shared, memory: { entries: 10 } }

/** A text that the variable takes, and the option it stands for. */
function sample({ kinds: [kind] }: OptionRow): readonly [text: string, value: unknown] {
  switch (kind?.is) {
    case 'duration':
      return ['90s', '90s']
    case 'number':
      return ['0.5', 0.5]
    case 'word':
      return [kind.words[0] ?? '', kind.words[0]]
    case 'tags':
      return ['a,b', ['a', 'b']]
    default:
      return ['any-text', 'any-text']
  }
}

function at(options: object, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>((inner, name) => (inner as Record<string, unknown>)?.[name], options)
}

describe('a variable', () => {
  test.each(ENVIRONMENT_OPTIONS.map((row) => [row.path, row] as const))(
    'sets the option that it is named after: %s',
    (path, variable) => {
      const [text, value] = sample(variable)
      const before = structuredClone({ ...OPTIONS, shared: undefined })
      const options = withEnvironment(OPTIONS, { [variableName(path)]: text })
      if (path === 'shared') expect(options).not.toHaveProperty('shared')
      else expect(at(options, path)).toEqual(value)
      expect({ ...OPTIONS, shared: undefined }).toEqual(before)
      if (path !== 'name') expect(options.name).toBe('shop')
    },
  )

  const readable = ENVIRONMENT_OPTIONS.filter(
    ({ kinds: [kind] }) => kind?.is !== 'text' && kind?.is !== 'tags',
  )
  test.each(readable.map(({ path }) => path))(
    'that cannot be read is refused by its own name: %s',
    (path) => {
      const name = variableName(path)
      for (const text of ['maybe', 'Off', ' 5', '5 ', '0x10', '1e3', '1_000', '{}']) {
        expect(() => withEnvironment(OPTIONS, { [name]: text })).toThrow(ConfigError)
        expect(() => withEnvironment(OPTIONS, { [name]: text })).toThrow(`\`${name}\``)
      }
    },
  )

  test('is named after its option', () => {
    expect(variableName('memory.expiryScan')).toBe('TIERCEL_MEMORY_EXPIRY_SCAN')
    expect(variableName('defaults.timeouts.soft')).toBe('TIERCEL_DEFAULTS_TIMEOUTS_SOFT')
    const names = new Set(ENVIRONMENT_OPTIONS.map(({ path }) => variableName(path)))
    expect(names.size).toBe(ENVIRONMENT_OPTIONS.length)
  })

  test('that nobody knows is refused by name if it is ours, and left alone if not', () => {
    for (const name of ['TIERCEL_MEMORY_ENTRYS', 'TIERCEL_', 'TIERCEL___PROTO__']) {
      expect(() => withEnvironment(OPTIONS, { [name]: '1' })).toThrow(`\`${name}\``)
    }
    expect(withEnvironment(OPTIONS, { HOME: '/', tiercel_memory: 'x' })).toEqual(OPTIONS)
  })

  test('that is empty or not set changes nothing', () => {
    const environment = { TIERCEL_VERSION: '', TIERCEL_MEMORY: undefined }
    expect(withEnvironment(OPTIONS, environment)).toEqual(OPTIONS)
  })

  test('that is a bare number is one, also where a duration is asked for', () => {
    expect(
      withEnvironment(OPTIONS, { TIERCEL_COHERENCE_MAX_BLINDNESS: '250' }).coherence?.maxBlindness,
    ).toBe(250)
    expect(withEnvironment(OPTIONS, { TIERCEL_SLOW_AFTER: '1.5s' }).slowAfter).toBe('1.5s')
    expect(withEnvironment(OPTIONS, { TIERCEL_VERSION: '-1' }).version).toBe(-1)
  })
})

describe('variables together', () => {
  test('fill what is there and what is not', () => {
    const options = withEnvironment(OPTIONS, {
      TIERCEL_MEMORY_BYTES: '1000',
      TIERCEL_DEFAULTS_TIMEOUTS_SOFT: '1s',
      TIERCEL_DEFAULTS_TTL: 'none',
    })
    expect(options.memory).toEqual({ entries: 10, bytes: 1000 })
    expect(options.defaults).toEqual({ timeouts: { soft: '1s' }, ttl: 'none' })
  })

  test.each([
    [{ TIERCEL_MEMORY: 'off', TIERCEL_MEMORY_ENTRIES: '5' }, 'off'],
    [{ TIERCEL_MEMORY_ENTRIES: '5', TIERCEL_MEMORY: 'off' }, 'off'],
  ])('that turn a tier off win over its bounds, in any order: %o', (environment, memory) => {
    expect(withEnvironment(OPTIONS, environment).memory).toBe(memory)
  })

  test.each([
    [{ TIERCEL_COMPRESSION: 'gzip', TIERCEL_COMPRESSION_ABOVE: '9' }],
    [{ TIERCEL_COMPRESSION_ABOVE: '9', TIERCEL_COMPRESSION: 'gzip' }],
    [{ TIERCEL_COMPRESSION_ALGORITHM: 'gzip', TIERCEL_COMPRESSION_ABOVE: '9' }],
  ])('name the algorithm and its threshold in any order: %o', (environment) => {
    const { compression } = withEnvironment(OPTIONS, environment)
    expect(compression).toEqual({ algorithm: 'gzip', above: 9 })
  })

  test.each([
    [{ TIERCEL_OLD_VERSIONS: 'remove', TIERCEL_OLD_VERSIONS_PER_SECOND: '9' }, { perSecond: 9 }],
    [{ TIERCEL_OLD_VERSIONS: 'keep', TIERCEL_OLD_VERSIONS_PER_SECOND: '9' }, 'keep'],
    [{ TIERCEL_OLD_VERSIONS_PER_SECOND: '9' }, { perSecond: 9 }],
  ])('say how old versions are removed, or that they are kept: %o', (environment, oldVersions) => {
    expect(withEnvironment(OPTIONS, environment).oldVersions).toEqual(oldVersions)
  })

  test.each([
    [{ TIERCEL_DEFAULTS_REFRESH_AHEAD: '0.5', TIERCEL_DEFAULTS_REFRESH_AHEAD_BETA: '2' }],
    [{ TIERCEL_DEFAULTS_REFRESH_AHEAD_BETA: '2', TIERCEL_DEFAULTS_REFRESH_AHEAD: '0.5' }],
  ])('say when entries are loaded ahead, in any order: %o', (environment) => {
    const { defaults } = withEnvironment(OPTIONS, environment)
    expect(defaults?.refreshAhead).toEqual({ after: 0.5, beta: 2 })
  })

  test('turn compression on where the code has it off', () => {
    const options = withEnvironment(
      { ...OPTIONS, compression: 'off' },
      { TIERCEL_COMPRESSION_ABOVE: '9' },
    )
    expect(options.compression).toEqual({ above: 9 })
  })

  test('win over a tier that the code has turned off', () => {
    const options = withEnvironment({ ...OPTIONS, memory: 'off' }, { TIERCEL_MEMORY_ENTRIES: '5' })
    expect(options.memory).toEqual({ entries: 5 })
  })

  test('of the program `tiercel` are none of the cache', () => {
    const environment = Object.fromEntries(COMMAND_LINE_VARIABLES.map((name) => [name, 'x']))
    expect(withEnvironment(OPTIONS, environment)).toEqual(OPTIONS)
  })

  test('that turn compression off leave it off', () => {
    const environment = { TIERCEL_COMPRESSION_ABOVE: '9', TIERCEL_COMPRESSION: 'off' }
    expect(withEnvironment(OPTIONS, environment).compression).toBe('off')
  })
})

/** The page as the table makes it. `UPDATE=1` writes it. */
function page(): string {
  const rows = ENVIRONMENT_OPTIONS.map(({ path, kinds }) => {
    const texts = kinds.map(wordsFor).join(', ')
    return `| \`${variableName(path)}\` | \`${path}\` | ${texts.replaceAll("'", '`')} |`
  })
  return `# Options from the environment

\`withEnvironment(options, process.env)\` lays these variables over the options of \`createCache\`. The variable
of option \`a.bC\` is \`TIERCEL_A_B_C\`. One that begins with \`TIERCEL_\` and does not stand here is refused by name,
and so is a text that cannot be read; an empty one is as good as none. A duration is a number of milliseconds,
or a number with \`ms\`, \`s\`, \`m\`, \`h\` or \`d\`.

\`TIERCEL_SHARED=off\` does without the shared tier that the code gives. The shared tier itself, codecs and the
logger are objects, so they are given in code.

| variable | option | its text |
| --- | --- | --- |
${rows.join('\n')}
`
}

test('the page of the documentation lists every variable', () => {
  if (process.env['UPDATE'] === '1') writeFileSync(PAGE, page())
  expect(existsSync(PAGE), 'run this test with UPDATE=1 to write the page').toBe(true)
  expect(readFileSync(PAGE, 'utf8')).toBe(page())
})
