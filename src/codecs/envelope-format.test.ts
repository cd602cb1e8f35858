import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Clock } from '../contracts/clock.ts'
import type {
  Codec,
  Compressor,
  DecodedEnvelope,
  EncodedEnvelope,
  EnvelopeContent,
  EnvelopeFormat,
} from '../contracts/codec.ts'
import { CodecError, ConfigError } from '../contracts/errors.ts'
import { createEnvelopeFormat, type EnvelopeFormatOptions } from './envelope-format.ts'
import { jsonCodec } from './json-codec.ts'
import { lazyCompressor } from './lazy-compressor.ts'
import { structuredCloneCodec } from './structured-clone-codec.ts'
import { xxh32 } from './xxh32.ts'

const CONTENT: EnvelopeContent = {
  kind: 'value',
  value: { id: 1, name: 'Blue mug' },
  schemaVersion: 3,
  ttlMs: 300_000,
  renewal: 'fixed',
  expiresAt: Number.POSITIVE_INFINITY,
  graceMs: 0,
  loadMs: 12.5,
  tags: ['product', 'category:7'],
  size: 1,
  priority: 'normal',
}

/** Each look at the clock is 5 ms after the last. */
function steppingClock(): Clock {
  let now = 0
  const monotonic = (): number => {
    now += 5
    return now
  }
  return { now: monotonic, monotonic, schedule: () => () => undefined }
}

function setup(changes: Partial<EnvelopeFormatOptions> = {}) {
  const format = createEnvelopeFormat({
    codecs: [],
    write: jsonCodec(),
    compression: undefined,
    compressors: [],
    maxInflatedBytes: 1_000_000,
    clock: steppingClock(),
    ...changes,
  })
  const write = (content: Partial<EnvelopeContent> = {}, key = 'k'): Uint8Array =>
    encodeNow(format, key, { ...CONTENT, ...content }).bytes
  return { format, write }
}

/** Halves runs of the same byte, after a fashion: the first byte and how often it stands there. */
function runLength(changes: Partial<Compressor> = {}): Compressor {
  return {
    id: 200,
    name: 'run-length',
    compress: async (bytes) => new Uint8Array([bytes[0] ?? 0, bytes.length >> 8, bytes.length]),
    decompress: async (bytes) =>
      new Uint8Array(((bytes[1] ?? 0) << 8) | (bytes[2] ?? 0)).fill(bytes[0] ?? 0),
    ...changes,
  }
}

/** Bytes as they are, so that a test chooses the payload. */
const rawCodec: Codec = {
  id: 77,
  name: 'raw',
  encode: (value) => value as Uint8Array,
  decode: (bytes) => bytes.slice(),
}

function encodeNow(format: EnvelopeFormat, key: string, content: EnvelopeContent): EncodedEnvelope {
  const encoded = format.encode(key, content)
  if (encoded instanceof Promise) throw new Error('encode waited')
  return encoded
}

function decodeNow(format: EnvelopeFormat, key: string, bytes: Uint8Array): DecodedEnvelope {
  const decoded = format.decode(key, bytes)
  if (decoded instanceof Promise) throw new Error('decode waited')
  return decoded
}

function reasonOf(decoded: DecodedEnvelope): string {
  return decoded.ok ? 'ok' : decoded.reason
}

/** `bytes` with the checksum that `key` asks for: what a forger would write. */
function forge(bytes: Uint8Array, key = 'k'): Uint8Array {
  const forged = bytes.slice()
  const keyBytes = new TextEncoder().encode(key)
  const seed = xxh32(new DataView(keyBytes.buffer), 0, keyBytes.length, 0)
  const view = new DataView(forged.buffer)
  const end = forged.length - 4
  if (end >= 0) view.setUint32(end, xxh32(view, 0, end, seed), true)
  return forged
}

const duration = fc.oneof(
  fc.nat(),
  fc.double({ min: 0, noNaN: true }).map((number) => number + 0),
  fc.constant(Number.POSITIVE_INFINITY),
)

const anyContent: fc.Arbitrary<EnvelopeContent> = fc.record({
  kind: fc.constant('value' as const),
  value: fc.jsonValue().map((value) => JSON.parse(JSON.stringify(value)) as unknown),
  schemaVersion: fc.nat(),
  ttlMs: duration,
  renewal: fc.constantFrom('fixed', 'sliding'),
  expiresAt: fc.oneof(fc.integer(), fc.constant(Number.POSITIVE_INFINITY)),
  graceMs: duration,
  loadMs: fc.oneof(duration, fc.constant(undefined)),
  tags: fc.array(fc.string({ unit: 'binary' }), { maxLength: 8 }),
  size: duration,
  priority: fc.constantFrom('low', 'normal', 'high', 'never-remove'),
})

describe('an envelope', () => {
  test('gives back whatever went in', () => {
    const { format } = setup()
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), anyContent, (key, content) => {
        const { bytes, compression } = encodeNow(format, key, content)
        expect(compression).toBeUndefined()
        expect(decodeNow(format, key, bytes)).toEqual({ ok: true, content })
      }),
    )
  })

  test('of "not found" has no value, and keeps the rest', () => {
    const { format, write } = setup()
    const bytes = write({ kind: 'absent', value: 'ignored' })
    expect(decodeNow(format, 'k', bytes)).toEqual({
      ok: true,
      content: { ...CONTENT, kind: 'absent', value: undefined },
    })
  })

  test('gives back whatever went in when it was compressed', async () => {
    for (const name of ['zstd', 'gzip', 'brotli'] as const) {
      const compressor = lazyCompressor(name)
      const { format } = setup({ compression: { compressor, above: 0 } })
      await fc.assert(
        fc.asyncProperty(fc.string(), fc.nat(3000), async (text, times) => {
          const content = { ...CONTENT, value: text.repeat(times) }
          const { bytes } = await format.encode('k', content)
          expect(await format.decode('k', bytes)).toEqual({ ok: true, content })
        }),
        { numRuns: 30 },
      )
    }
  })

  test('is small: 15 bytes round the value, and 8 for each number that is not the default', () => {
    const { write } = setup()
    const bare = {
      value: 1,
      schemaVersion: 0,
      ttlMs: Number.POSITIVE_INFINITY,
      loadMs: undefined,
      tags: [],
    }
    expect(write(bare)).toHaveLength(15 + 1)
    expect(write({ ...bare, ttlMs: 1000 })).toHaveLength(15 + 1 + 8)
  })

  test('is read from within a larger buffer', () => {
    const { format, write } = setup()
    const bytes = write()
    const larger = new Uint8Array(bytes.length + 9).fill(0xf7)
    larger.set(bytes, 5)
    expect(decodeNow(format, 'k', larger.subarray(5, 5 + bytes.length)).ok).toBe(true)
  })

  test('is bound to its key, however long the key is', () => {
    const { format, write } = setup()
    for (const key of ['', 'a', 'é'.repeat(200), 'x'.repeat(5000)]) {
      expect(decodeNow(format, key, write({}, key)).ok).toBe(true)
      expect(reasonOf(decodeNow(format, `${key}x`, write({}, key)))).toBe('corrupt')
    }
  })

  test('keeps each character of its tags, a byte order mark too', () => {
    const { format, write } = setup()
    const tags = ['\ufefftag', '', '\u0000', '😀']
    expect(decodeNow(format, 'k', write({ tags }))).toMatchObject({ ok: true, content: { tags } })
  })

  test('of another schema version is read, for the engine to judge', () => {
    const { format, write } = setup()
    expect(decodeNow(format, 'k', write({ schemaVersion: 9 }))).toMatchObject({
      ok: true,
      content: { schemaVersion: 9 },
    })
  })

  test('tells the version of its value without decoding it', () => {
    const { format, write } = setup()
    const bytes = write({ schemaVersion: 9 })
    expect(format.schemaVersionOf('k', bytes)).toBe(9)
    expect(format.schemaVersionOf('another', bytes)).toBeUndefined()
    expect(format.schemaVersionOf('k', bytes.slice(0, 5))).toBeUndefined()
  })
})

describe('writing an envelope', () => {
  test.each([
    ['ttlMs', { ttlMs: Number.NaN }],
    ['graceMs', { graceMs: -1 }],
    ['loadMs', { loadMs: -0.5 }],
    ['size', { size: -1 }],
    ['expiresAt', { expiresAt: Number.NaN }],
    ['tags', { tags: ['\ud800'] }],
    ['tags', { tags: ['x'.repeat(65_536)] }],
    ['tags', { tags: Array.from({ length: 65_536 }, () => '') }],
  ])('refuses what reading would refuse: %s', (field, content) => {
    const { write } = setup()
    expect(() => write(content)).toThrow(CodecError)
    expect(() => write(content)).toThrow(field)
  })

  test('refuses with a CodecError whatever the codec throws', () => {
    const write: Codec = {
      ...rawCodec,
      encode: () => {
        throw new RangeError('too long')
      },
    }
    const { format } = setup({ write })
    expect(() => format.encode('k', CONTENT)).toThrow(CodecError)
  })

  test('refuses codecs and compressors that share a number, or have none of their own', () => {
    const ids = [0, 1, 4, 15, 256, 16.5, Number.NaN]
    for (const id of ids) {
      expect(() => setup({ codecs: [{ ...rawCodec, id }] })).toThrow(ConfigError)
      expect(() => setup({ compressors: [runLength({ id })] })).toThrow(ConfigError)
    }
    expect(() => setup({ codecs: [rawCodec, { ...rawCodec, name: 'other' }] })).toThrow(ConfigError)
    expect(() => setup({ codecs: [{ ...rawCodec, id: 16 }] })).not.toThrow()
    expect(() => setup({ codecs: [jsonCodec(), jsonCodec()] })).not.toThrow()
  })
})

describe('compressing', () => {
  const payload = new Uint8Array(1000).fill(7)
  const content = { ...CONTENT, value: payload }

  test('happens from the threshold on, and is reported', async () => {
    const compression = { compressor: runLength(), above: 1000 }
    const { format } = setup({ write: rawCodec, compression })
    const shorter = { ...CONTENT, value: payload.subarray(1) }
    expect(encodeNow(format, 'k', shorter).compression).toBeUndefined()
    const encoded = await format.encode('k', content)
    expect(encoded.compression).toEqual({ bytesBefore: 1000, bytesAfter: 3, durationMs: 5 })
    expect(await format.decode('k', encoded.bytes)).toEqual({ ok: true, content })
  })

  test('is given up where it makes nothing smaller', async () => {
    const same = runLength({ compress: async (bytes) => bytes.slice(0, -4) })
    const { format } = setup({ write: rawCodec, compression: { compressor: same, above: 1 } })
    const encoded = await format.encode('k', content)
    expect(encoded.compression).toMatchObject({ bytesBefore: 1000, bytesAfter: 1000 })
    expect(decodeNow(format, 'k', encoded.bytes)).toEqual({ ok: true, content })
  })

  test('that fails leaves the value as it is', async () => {
    const failing = runLength({ compress: () => Promise.reject(new Error('no memory')) })
    const { format } = setup({ write: rawCodec, compression: { compressor: failing, above: 1 } })
    const encoded = await format.encode('k', content)
    expect(decodeNow(format, 'k', encoded.bytes).ok).toBe(true)
  })

  test('is not tried on what nobody would be allowed to inflate', () => {
    const compression = { compressor: runLength(), above: 1 }
    const { format } = setup({ write: rawCodec, compression, maxInflatedBytes: 999 })
    expect(encodeNow(format, 'k', content).compression).toBeUndefined()
  })
})

describe('reading an envelope', () => {
  test('notices every flip of one bit', () => {
    const { format, write } = setup()
    const bytes = write()
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const flipped = bytes.slice()
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      expect(decodeNow(format, 'k', flipped).ok, `bit ${bit}`).toBe(false)
    }
  })

  test('refuses 10,000 damaged, cut, extended, re-keyed and random ones, and throws at none', () => {
    const { format, write } = setup({ codecs: [structuredCloneCodec()] })
    const bytes = write()
    const place = fc.nat(bytes.length - 1)
    const damaged = fc.oneof(
      fc
        .array(fc.tuple(place, fc.integer({ min: 1, max: 255 })), { minLength: 1, maxLength: 6 })
        .map((changes) => mutate(bytes, changes)),
      place.map((length) => bytes.subarray(0, length)),
      fc.uint8Array({ minLength: 1, maxLength: 20 }).map((more) => joined(bytes, more)),
      fc.uint8Array({ minLength: 1, maxLength: 20 }).map((more) => joined(more, bytes)),
      fc.uint8Array({ maxLength: 200 }),
      fc.uint8Array({ maxLength: 100 }).map((rest) => joined([0xf7, 0x54, 1], rest)),
    )
    const cases = fc.oneof(
      { weight: 4, arbitrary: fc.tuple(fc.constant('k'), damaged) },
      { weight: 1, arbitrary: fc.tuple(fc.string({ minLength: 2 }), fc.constant(bytes)) },
    )
    fc.assert(
      fc.property(cases, ([key, broken]) => {
        const decoded = decodeNow(format, key, broken)
        return !decoded.ok && (decoded.reason === 'corrupt' || decoded.reason === 'version')
      }),
      { numRuns: 10_000 },
    )
  })

  test('throws at none of 10,000 that are damaged and have the right checksum', async () => {
    const compressors = [lazyCompressor('gzip'), runLength()]
    const { format, write } = setup({ codecs: [rawCodec], compressors })
    const bytes = write({ kind: 'value', size: 7, expiresAt: -5, graceMs: 9 })
    const change = fc.tuple(fc.nat(bytes.length - 5), fc.integer({ min: 1, max: 255 }))
    const forged = fc
      .tuple(fc.array(change, { minLength: 1, maxLength: 4 }), fc.nat(bytes.length))
      .map(([changes, cut]) => {
        const mutated = mutate(bytes, changes)
        return forge(cut % 3 === 0 ? mutated.subarray(0, bytes.length - cut) : mutated)
      })
    await fc.assert(
      fc.asyncProperty(forged, async (broken) => {
        const decoded = await format.decode('k', broken)
        return decoded.ok || decoded.error !== undefined
      }),
      { numRuns: 10_000 },
    )
  })

  test('of a newer format is refused as such, however it goes on', () => {
    const { format } = setup()
    expect(reasonOf(decodeNow(format, 'k', new Uint8Array([0xf7, 0x54, 2])))).toBe('version')
    expect(reasonOf(decodeNow(format, 'k', new Uint8Array([0xf7, 0x54, 0])))).toBe('corrupt')
  })

  test('of an unknown codec or compressor is refused as such', async () => {
    const foreign = setup({
      write: rawCodec,
      compression: { compressor: runLength(), above: 1 },
    })
    const content = { ...CONTENT, value: new Uint8Array(99) }
    const { bytes } = await foreign.format.encode('k', content)
    expect(reasonOf(decodeNow(setup().format, 'k', bytes))).toBe('codec')
    expect(reasonOf(decodeNow(setup({ codecs: [rawCodec] }).format, 'k', bytes))).toBe('codec')
  })

  test.each([
    ['flags of another version', 3, 0x10],
    ['fields of another version', 4, 0x80],
    ['a value in an absent entry', 3, 0x05],
  ])('refuses %s, even with the right checksum', (_what, place, byte) => {
    const { format, write } = setup()
    const bytes = write()
    bytes[place] = byte
    expect(reasonOf(decodeNow(format, 'k', forge(bytes)))).toBe('corrupt')
  })

  test('refuses numbers that cannot be, even with the right checksum', () => {
    const { format, write } = setup()
    const bytes = write()
    for (const number of [Number.NaN, -1]) {
      new DataView(bytes.buffer).setFloat64(7, number, true)
      expect(reasonOf(decodeNow(format, 'k', forge(bytes)))).toBe('corrupt')
    }
  })

  test('answers whatever is thrown by codec or compressor, and whatever is passed', async () => {
    const broken = (error: unknown): Codec => ({
      ...rawCodec,
      decode: () => {
        throw error
      },
    })
    const content = { ...CONTENT, value: new Uint8Array(99) }
    for (const error of [new Error('broken'), undefined, null, 'text']) {
      const { format } = setup({ write: broken(error) })
      const { bytes } = await format.encode('k', content)
      expect(await format.decode('k', bytes)).toEqual({ ok: false, reason: 'corrupt', error })
    }
    const throwing = runLength({
      decompress: () => {
        throw new Error('at once')
      },
    })
    const compression = { compressor: throwing, above: 1 }
    const { format } = setup({ write: rawCodec, compression })
    const { bytes } = await format.encode('k', content)
    expect(reasonOf(await format.decode('k', bytes))).toBe('corrupt')
    for (const odd of [undefined, null, 'text', 7, {}, []]) {
      expect(reasonOf(decodeNow(format, 'k', odd as unknown as Uint8Array))).toBe('corrupt')
    }
  })

  test('refuses a payload that inflates to another length than it declares', async () => {
    const content = { ...CONTENT, value: new Uint8Array(99) }
    const lying = runLength({ decompress: async () => new Uint8Array(98) })
    const { format } = setup({ write: rawCodec, compression: { compressor: lying, above: 1 } })
    const { bytes } = await format.encode('k', content)
    expect(reasonOf(await format.decode('k', bytes))).toBe('corrupt')
  })

  test('never inflates what declares more than the bound', async () => {
    const content = { ...CONTENT, value: new Uint8Array(99) }
    let inflated = 0
    const counting = runLength({
      decompress: async () => {
        inflated++
        return new Uint8Array(99)
      },
    })
    const compression = { compressor: counting, above: 1 }
    const { bytes } = await setup({ write: rawCodec, compression }).format.encode('k', content)
    const strict = setup({ write: rawCodec, compression, maxInflatedBytes: 98 })
    expect(reasonOf(await strict.format.decode('k', bytes))).toBe('corrupt')
    expect(inflated).toBe(0)
  })

  test.each([
    '{"__proto__":{"polluted":1}}',
    '{"constructor":{"prototype":{"polluted":1}}}',
    '{"a":{"__proto__":{"polluted":1},"__proto__":{"toString":1}}}',
    '[{"__proto__":[]},{"__defineGetter__":1,"__proto__":null}]',
    '{"hasOwnProperty":1,"valueOf":1,"toString":1,"__proto__":{"length":1}}',
  ])('leaves every prototype as it is: %s', (text) => {
    const names = Reflect.ownKeys(Object.prototype)
    for (const write of [jsonCodec(), structuredCloneCodec()]) {
      const { format } = setup({ write })
      const value: unknown = JSON.parse(text)
      const decoded = decodeNow(format, 'k', encodeNow(format, 'k', { ...CONTENT, value }).bytes)
      expect(decoded.ok && JSON.stringify(decoded.content.value)).toBe(JSON.stringify(value))
    }
    expect(Reflect.ownKeys(Object.prototype)).toEqual(names)
    expect('polluted' in {}).toBe(false)
  })
})

/** Each change flips at least one bit at its place; two at one place cannot undo each other. */
function mutate(bytes: Uint8Array, changes: readonly (readonly [number, number])[]): Uint8Array {
  const mutated = bytes.slice()
  for (const [place, mask] of new Map(changes)) mutated[place] = (mutated[place] ?? 0) ^ mask
  return mutated
}

function joined(...parts: readonly ArrayLike<number>[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => Array.from(part)))
}
