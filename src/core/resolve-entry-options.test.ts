import { describe, expect, test } from 'vitest'
import { ConfigError } from '../contracts/errors.ts'
import type { EntryOptions } from '../contracts/options.ts'
import { refuseOption } from './field-check.ts'
import {
  DEFAULT_ENTRY_OPTIONS,
  negativeTtlMs,
  resolveEntryOptions,
} from './resolve-entry-options.ts'

const CONTEXT = { base: DEFAULT_ENTRY_OPTIONS, path: 'defaults.', refuse: refuseOption }
const resolve = (options: EntryOptions) => resolveEntryOptions(options, CONTEXT)

describe('entry options', () => {
  test('that are not given are the defaults', () => {
    expect(resolve({})).toEqual(DEFAULT_ENTRY_OPTIONS)
    expect(DEFAULT_ENTRY_OPTIONS).toEqual({
      ttlMs: 300_000,
      memoryTtlMs: undefined,
      expiresAt: Number.POSITIVE_INFINITY,
      renewal: 'fixed',
      graceMs: 0,
      jitter: 0.1,
      negativeTtl: 'off',
      tags: [],
      size: 1,
      priority: 'normal',
    })
  })

  test.each<[EntryOptions, object]>([
    [{ ttl: '2m' }, { ttlMs: 120_000 }],
    [{ ttl: 'none' }, { ttlMs: Number.POSITIVE_INFINITY }],
    [{ memoryTtl: '10s' }, { memoryTtlMs: 10_000 }],
    [{ expiresAt: 5 }, { expiresAt: 5 }],
    [{ expiresAt: new Date(7) }, { expiresAt: 7 }],
    [{ renewal: 'sliding' }, { renewal: 'sliding' }],
    [{ grace: 0 }, { graceMs: 0 }],
    [{ grace: '1h' }, { graceMs: 3_600_000 }],
    [{ jitter: 0 }, { jitter: 0 }],
    [{ jitter: 0.9 }, { jitter: 0.9 }],
    [{ negativeTtl: 'auto' }, { negativeTtl: 'auto' }],
    [{ negativeTtl: 'off' }, { negativeTtl: 'off' }],
    [{ negativeTtl: '3s' }, { negativeTtl: 3_000 }],
    [{ tags: ['red', 'red'] }, { tags: ['red'] }],
    [{ size: 0 }, { size: 0 }],
    [{ size: 1.5 }, { size: 1.5 }],
    [{ priority: 'never-remove' }, { priority: 'never-remove' }],
  ])('%o are %o', (options, resolved) => {
    expect(resolve(options)).toEqual({ ...DEFAULT_ENTRY_OPTIONS, ...resolved })
  })

  test.each([
    ['ttl', [0, -1, null, Number.NaN, Number.POSITIVE_INFINITY, '', 'never', '5', {}]],
    ['memoryTtl', [0, 'none', null, 'x']],
    [
      'expiresAt',
      [0, -1, Number.NaN, 8.64e15 + 1, new Date(Number.NaN), '5000', true, null, Symbol('s')],
    ],
    ['expiresAt', [{}, Object.create(null), [5], 5n]],
    ['renewal', ['often', null, 1]],
    ['grace', [-1, null, 'none', Number.NaN]],
    ['jitter', [-0.1, 0.91, null, '0.1', Number.NaN]],
    ['negativeTtl', [0, 'on', null, -1]],
    ['tags', ['red', null, {}, Array.from({ length: 65 }, (_, i) => `${i}`)]],
    ['size', [-1, 2 ** 31, null, '1', Number.NaN]],
    ['priority', ['urgent', null, 1, 'toString']],
  ] as const)('refuse what cannot be `%s`, by name', (field, values) => {
    for (const value of values) {
      const work = () => resolve({ [field]: value } as EntryOptions)
      expect(work).toThrow(ConfigError)
      expect(work).toThrow(expect.objectContaining({ field: `defaults.${field}` }))
    }
  })

  test('are laid over what lies below, and tags are added to its tags', () => {
    const base = resolve({ ttl: '1h', grace: '1m', tags: ['red', 'blue'] })
    const over = resolveEntryOptions({ ttl: '2h', tags: ['blue', 'green'] }, { ...CONTEXT, base })
    expect(over).toEqual({ ...base, ttlMs: 7_200_000, tags: ['red', 'blue', 'green'] })
  })

  test('may not have more tags together than one entry may have', () => {
    const tags = (word: string) => Array.from({ length: 40 }, (_, i) => `${word}${i}`)
    const base = resolve({ tags: tags('a') })
    expect(() => resolveEntryOptions({ tags: tags('b') }, { ...CONTEXT, base })).toThrow('tags')
  })

  test('are a frozen object of their own', () => {
    const options = Object.freeze({ ttl: '1s', tags: Object.freeze(['red']) } as const)
    const resolved = resolve(options)
    expect(Object.isFrozen(resolved)).toBe(true)
    expect(resolved.tags).not.toBe(options.tags)
  })
})

describe('the life of "not found"', () => {
  test.each<[EntryOptions, number]>([
    [{}, 0],
    [{ negativeTtl: '7s' }, 7_000],
    [{ negativeTtl: 'auto', ttl: '10s' }, 1_000],
    [{ negativeTtl: 'auto', ttl: 15 }, 2],
    [{ negativeTtl: 'auto', ttl: '1h' }, 30_000],
    [{ negativeTtl: 'auto', ttl: 'none' }, 30_000],
  ])('of %o is %j ms', (options, ms) => {
    expect(negativeTtlMs(resolve(options))).toBe(ms)
  })
})
