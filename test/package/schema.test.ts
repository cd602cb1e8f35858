/**
 * The JSON Schema of the options: that it is current, and that it and `createCache` give the same verdict at
 * every bound of every option.
 */

import { readFileSync, writeFileSync } from 'node:fs'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, test } from 'vitest'
import { optionSchema } from '../../scripts/checks/option-schema.mjs'
import { OPTION_TABLE, type OptionKind, type OptionRow } from '../../src/core/option-table.ts'
import { type CacheOptions, ConfigError, createCache } from '../../src/index.ts'
import { memoryTier } from '../../src/memory/index.ts'

const FILE = new URL('../../schema/tiercel.schema.json', import.meta.url)

const text = `${JSON.stringify(optionSchema(), undefined, 2)}\n`
const validate = new Ajv2020({ strict: true, allowUnionTypes: true }).compile(JSON.parse(text))
const rows = OPTION_TABLE.filter(({ path }) => path !== 'shared')

/** Whether a cache can be made so; what is no `ConfigError` is a fault. */
async function isAccepted(options: object): Promise<boolean> {
  const logger = { level: 'silent', warn: () => {}, error: () => {} }
  try {
    // With a shared tier, so that `memory: 'off'` leaves something to hold an entry.
    const cache = createCache({
      shared: memoryTier(),
      logger,
      ...options,
    } as unknown as CacheOptions)
    await cache.close()
    return true
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError)
    return false
  }
}

function withOption(path: string, value: unknown): object {
  const at = path.split('.').reduceRight<unknown>((inner, name) => ({ [name]: inner }), value)
  return { name: 'shop', ...(at as object) }
}

/** Values on both sides of each bound, and some of other types. */
function samples({ kinds }: OptionRow): readonly unknown[] {
  const others = [null, true, [], ['a'], {}, '', 'maybe', 'Off', '5', -1, 0, 0.5, 1, 2 ** 53, 1e300]
  return [...new Set([...others, ...kinds.flatMap(samplesOf)])]
}

function samplesOf(kind: OptionKind): readonly unknown[] {
  switch (kind.is) {
    case 'word':
      return [...kind.words, ...kind.words.map((word) => `${word} `)]
    case 'number': {
      const { least, most } = kind
      return [least, most, least - 1, most * 2, (least + most) / 2, least + 0.25]
    }
    case 'duration': {
      const { leastMs = 1, mostMs = 36_525 * 86_400_000 } = kind
      const numbers = [leastMs, mostMs, leastMs - 1, mostMs + 1, 0.25]
      // Texts within the bounds, since a pattern cannot tell how long they are.
      return [...numbers, `${leastMs}ms`, `${leastMs}.5 ms`, '-1s', '0s', '0.0m', '1w', '1e3ms']
    }
    case 'text':
      return ['a', 'a b', 'ä', 'x'.repeat(64), 'x'.repeat(65), 'x'.repeat(128), 'x'.repeat(129)]
    case 'tags':
      return [['a', 'b'], [''], [1], Array(65).fill('a'), ['x'.repeat(513)]]
    default:
      return kind satisfies never
  }
}

test('the file is what the table makes', () => {
  if (process.env['UPDATE'] === '1') writeFileSync(FILE, text)
  expect(readFileSync(FILE, 'utf8'), 'run this test with UPDATE=1').toBe(text)
})

describe('the schema and createCache', () => {
  test.each(rows.map((row) => [row.path, row] as const))(
    'say the same of %s',
    async (path, row) => {
      for (const value of samples(row)) {
        const options = withOption(path, value)
        expect([JSON.stringify(value), validate(options)]).toEqual([
          JSON.stringify(value),
          await isAccepted(options),
        ])
      }
    },
  )

  test('know the same options', async () => {
    const objects = new Set(
      rows.flatMap(({ path }) => {
        const parts = path.split('.')
        return parts.map((_, at) => parts.slice(0, at).join('.'))
      }),
    )
    for (const path of objects) {
      const schema = JSON.parse(text) as Described
      const here = path === '' ? schema : propertiesAt(schema, path.split('.'))
      const names = Object.keys(here.properties ?? {}).sort()
      const options = path === '' ? { name: 'shop', planted: 1 } : withOption(`${path}.planted`, 1)
      expect([path, validate(options)]).toEqual([path, false])
      const told = knownBy(options)
      expect([path, told.filter((name) => !IN_CODE.includes(name)).sort()]).toEqual([path, names])
    }
  })

  test('say the same of options that stand together', async () => {
    const all: object[] = [
      {},
      { name: 'shop' },
      { name: 'shop', coherence: { delivery: 'at-most-once', follow: 'push' } },
      { name: 'shop', coherence: { delivery: 'at-most-once', follow: 'poll' } },
      { name: 'shop', coherence: { delivery: 'complete', follow: 'poll' } },
      { name: 'shop', memory: { entries: 5, bytes: 'off' }, idle: {}, warming: 'off' },
      { name: 'shop', memory: [] },
    ]
    for (const options of all) {
      expect([options, validate(options)]).toEqual([options, await isAccepted(options)])
    }
  })
})

/** Objects and functions, which no file can hold. */
const IN_CODE = ['shared', 'codec', 'migrate', 'shardBy', 'logger', 'waitUntil']

/** The options that a refusal lists. */
function knownBy(options: object): readonly string[] {
  try {
    createCache(options as CacheOptions)
  } catch (error) {
    return (/one of (.*?), got/.exec((error as Error).message)?.[1] ?? '').split(', ')
  }
  return []
}

interface Described {
  readonly properties?: Readonly<Record<string, Described>>
  readonly anyOf?: readonly Described[]
}

function propertiesAt(schema: Described, [name, ...rest]: readonly string[]): Described {
  const inner = schema.properties?.[name ?? '']
  const object = inner?.anyOf?.find(({ properties }) => properties !== undefined) ?? inner ?? {}
  return rest.length === 0 ? object : propertiesAt(object, rest)
}
