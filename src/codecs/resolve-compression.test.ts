import { describe, expect, test } from 'vitest'
import { ConfigError } from '../contracts/errors.ts'
import type { CodecOptions } from '../contracts/options.ts'
import { resolveCompression } from './resolve-compression.ts'

const DEFAULTS = { algorithm: 'zstd', above: 1024, maxInflatedBytes: 4096 } as const

describe('resolveCompression', () => {
  test('off and nothing compress nothing, and still read all three', () => {
    for (const compression of [undefined, 'off'] as const) {
      const resolved = resolveCompression(compression, DEFAULTS)
      expect(resolved.compression).toBeUndefined()
      expect(resolved.maxInflatedBytes).toBe(4096)
      expect(resolved.compressors.map(({ id, name }) => [id, name])).toEqual([
        [1, 'zstd'],
        [2, 'gzip'],
        [3, 'brotli'],
      ])
    }
  })

  test('a name takes the rest from the defaults', () => {
    const { compression } = resolveCompression('brotli', DEFAULTS)
    expect(compression).toMatchObject({ compressor: { name: 'brotli' }, above: 1024 })
  })

  test('options take what they leave open from the defaults', () => {
    const empty = resolveCompression({}, DEFAULTS)
    expect(empty.compression).toMatchObject({ compressor: { name: 'zstd' }, above: 1024 })
    const full = resolveCompression({ algorithm: 'gzip', above: 0, maxInflatedBytes: 10 }, DEFAULTS)
    expect(full.compression).toMatchObject({ compressor: { name: 'gzip' }, above: 0 })
    expect(full.maxInflatedBytes).toBe(10)
  })

  test.each([
    ['compression', 'lz4'],
    ['compression', true],
    ['compression', null],
    ['compression.algorithm', { algorithm: 'lz4' }],
    ['compression.above', { above: -1 }],
    ['compression.above', { above: 1.5 }],
    ['compression.maxInflatedBytes', { maxInflatedBytes: 0 }],
    ['compression.maxInflatedBytes', { maxInflatedBytes: '1mb' }],
  ])('refuses %s: %j', (field, compression) => {
    const resolve = () =>
      resolveCompression(compression as unknown as CodecOptions['compression'], DEFAULTS)
    expect(resolve).toThrow(ConfigError)
    expect(resolve).toThrow(`\`${field}\``)
  })
})
