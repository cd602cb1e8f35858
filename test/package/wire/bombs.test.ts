/**
 * Compressed bytes that would fill the memory, stored in envelopes whose checksums are right.
 *
 * They are read in a process of its own, since only there the peak of its memory is theirs alone.
 */

import { spawnSync } from 'node:child_process'
import { pipeline } from 'node:stream/promises'
import { constants, createBrotliCompress, createGzip, createZstdCompress } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { createEnvelopeFormat } from '../../../src/codecs/envelope-format.ts'
import { jsonCodec } from '../../../src/codecs/json-codec.ts'
import { xxh32 } from '../../../src/codecs/xxh32.ts'
import type { Clock } from '../../../src/contracts/clock.ts'

const MIB = 1_048_576
const INFLATED = 256 * MIB

const BOMBS = {
  zstd: { id: 1, stream: () => createZstdCompress() },
  gzip: { id: 2, stream: () => createGzip({ level: 9 }) },
  brotli: {
    id: 3,
    stream: () => createBrotliCompress({ params: { [constants.BROTLI_PARAM_QUALITY]: 9 } }),
  },
} as const

const STILL: Clock = { now: () => 0, monotonic: () => 0, schedule: () => () => undefined }

/** Reads envelopes from its input, one a line, and tells what each has cost. */
const READER = `
  import { createInterface } from 'node:readline'
  import { createEnvelopeFormat } from './src/codecs/envelope-format.ts'
  import { jsonCodec } from './src/codecs/json-codec.ts'
  import { lazyCompressor } from './src/codecs/lazy-compressor.ts'
  const compressors = ['zstd', 'gzip', 'brotli'].map(lazyCompressor)
  const format = createEnvelopeFormat({
    codecs: [], write: jsonCodec(), compressors, maxInflatedBytes: 67108864,
    compression: { compressor: compressors[0], above: 0 },
    clock: { now: () => 0, monotonic: () => 0, schedule: () => () => undefined },
  })
  const content = { kind: 'value', value: 'x'.repeat(9999), tags: [], schemaVersion: 0, ttlMs: 1,
    renewal: 'fixed', expiresAt: 1, graceMs: 0, loadMs: 0, size: 1, priority: 'low' }
  const { bytes } = await format.encode('k', content)
  if (!(await format.decode('k', bytes)).ok) throw new Error('a good envelope is not read')
  for await (const line of createInterface({ input: process.stdin })) {
    const envelope = Buffer.from(line, 'base64')
    const peak = process.resourceUsage().maxRSS
    const start = performance.now()
    const decoded = await format.decode('k', envelope)
    const ms = performance.now() - start
    const grownBytes = (process.resourceUsage().maxRSS - peak) * 1024
    console.log(JSON.stringify({ ok: decoded.ok, reason: decoded.reason, ms, grownBytes }))
  }
`

interface Cost {
  readonly ok: boolean
  readonly reason: string
  readonly ms: number
  readonly grownBytes: number
}

/** Zeros, made smaller piece by piece. */
async function bomb(name: keyof typeof BOMBS): Promise<Uint8Array> {
  const piece = new Uint8Array(MIB)
  const parts: Uint8Array[] = []
  await pipeline(
    function* zeros() {
      for (let i = 0; i < INFLATED / MIB; i++) yield piece
    },
    BOMBS[name].stream(),
    async (output: AsyncIterable<Uint8Array>) => {
      for await (const part of output) parts.push(part)
    },
  )
  return Buffer.concat(parts)
}

/** An envelope of key `k` round `payload`, which says that it inflates to `declared` bytes. */
async function envelope(
  name: keyof typeof BOMBS,
  payload: Uint8Array,
  declared: number,
): Promise<Uint8Array> {
  const compressor = {
    id: BOMBS[name].id,
    name,
    compress: async () => payload,
    decompress: async () => payload,
  }
  const format = createEnvelopeFormat({
    codecs: [],
    write: jsonCodec(),
    compression: { compressor, above: 0 },
    compressors: [],
    maxInflatedBytes: INFLATED,
    clock: STILL,
  })
  const { bytes } = await format.encode('k', {
    kind: 'value',
    value: 'x'.repeat(MIB),
    schemaVersion: 0,
    ttlMs: 1000,
    renewal: 'fixed',
    expiresAt: Number.POSITIVE_INFINITY,
    graceMs: 0,
    loadMs: undefined,
    tags: [],
    size: 1,
    priority: 'normal',
  })
  const view = new DataView(bytes.buffer)
  const end = bytes.length - 4
  view.setUint32(end - payload.length - 8, declared, true)
  const key = new DataView(new TextEncoder().encode('k').buffer)
  view.setUint32(end, xxh32(view, 0, end, xxh32(key, 0, 1, 0)), true)
  return bytes
}

function costsOf(envelopes: readonly Uint8Array[]): readonly Cost[] {
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', '--input-type=module', '-e', READER],
    { input: envelopes.map((bytes) => Buffer.from(bytes).toString('base64')).join('\n') },
  )
  if (status !== 0) throw new Error(String(stderr))
  return String(stdout)
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Cost)
}

describe('a bomb of 256 MiB', () => {
  test.each(['zstd', 'gzip', 'brotli'] as const)(
    'by %s is a miss in under 50 ms and 32 MB, whether it tells its size or not',
    async (name) => {
      const payload = await bomb(name)
      const honest = await envelope(name, payload, INFLATED)
      const lying = await envelope(name, payload, MIB)
      const costs = costsOf([honest, lying, honest, lying, honest, lying])
      expect(costs).toHaveLength(6)
      for (const cost of costs) {
        expect(cost).toMatchObject({ ok: false, reason: 'corrupt' })
        expect(cost.grownBytes).toBeLessThan(32 * 1_000_000)
      }
      // What it costs is its fastest: a slower one has waited for the machine.
      for (const kind of [0, 1]) {
        const times = costs.filter((_, at) => at % 2 === kind).map(({ ms }) => ms)
        expect(Math.min(...times)).toBeLessThan(50)
      }
    },
  )
})
