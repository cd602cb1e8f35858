import { zstdCompressSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { zlibCompressors } from './zlib-compressors.ts'

const NAMES = ['zstd', 'gzip', 'brotli'] as const

function setup(length = 100_000) {
  const row = new TextEncoder().encode('{"id":4711,"name":"Blue mug","tags":["kitchen"]},')
  return { bytes: Uint8Array.from({ length }, (_, i) => row[i % row.length] ?? 0) }
}

describe.each(NAMES)('the compressor %s', (name) => {
  const compressor = zlibCompressors[name]

  test('gives back what it has made smaller', async () => {
    const { bytes } = setup()
    const smaller = await compressor.compress(bytes)
    expect(smaller.length).toBeLessThan(bytes.length / 20)
    const back = await compressor.decompress(smaller, bytes.length)
    expect(Buffer.compare(back, bytes)).toBe(0)
  })

  test('takes nothing and a single byte', async () => {
    for (const length of [0, 1]) {
      const { bytes } = setup(length)
      const smaller = await compressor.compress(bytes)
      expect([...(await compressor.decompress(smaller, length))]).toEqual([...bytes])
    }
  })

  test('refuses to inflate beyond the bound, by a single byte', async () => {
    for (const length of [10, 100_000, 700_000]) {
      const { bytes } = setup(length)
      const smaller = await compressor.compress(bytes)
      await expect(compressor.decompress(smaller, length - 1)).rejects.toThrow()
    }
  })

  test('refuses bytes that it did not write', async () => {
    const { bytes } = setup(1000)
    const smaller = await compressor.compress(bytes)
    await expect(compressor.decompress(bytes, 1000)).rejects.toThrow()
    // Node 22 takes zstd that ends too early for shorter than it was, which the envelope refuses.
    for (const cut of [smaller.subarray(0, -9), new Uint8Array(0)]) {
      const inflated = compressor.decompress(cut, 1000).then(
        ({ length }) => length,
        () => 'refused',
      )
      expect(await inflated).toSatisfy((taken) => taken === 'refused' || taken < 1000)
    }
  })
})

describe('the compressor zstd', () => {
  test('refuses a frame that asks for a window larger than decoders need', async () => {
    const { bytes } = setup(1000)
    // A frame header of RFC 8878: no single segment, window descriptor for 128 MiB.
    const frame = new Uint8Array(zstdCompressSync(bytes))
    const rest = frame.subarray((frame[4] ?? 0) & 0x20 ? 5 + 2 : 6)
    const huge = Uint8Array.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, (27 - 10) << 3, ...rest])
    const modest = huge.slice()
    modest[5] = (20 - 10) << 3
    const back = await zlibCompressors.zstd.decompress(modest, 1000)
    expect(Buffer.compare(back, bytes)).toBe(0)
    await expect(zlibCompressors.zstd.decompress(huge, 1000)).rejects.toThrow()
  })
})
