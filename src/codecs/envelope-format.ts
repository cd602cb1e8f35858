/**
 * Puts values into envelopes and takes them out: the codec, the compressor and the bytes round them
 * work together here. Made by `createCache`; the engine calls it around each step of the shared tier.
 *
 * This file must load nothing of the platform: the door `tiercel` loads it.
 */

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
import type { CompressedPayload, EnvelopeFrame } from './envelope-frame.ts'
import { KeySeed } from './key-seed.ts'
import { type ReadEnvelope, readEnvelope } from './read-envelope.ts'
import { writeEnvelope } from './write-envelope.ts'

export interface EnvelopeFormatOptions {
  /** Those that may read; `write` is one of them whether it is named or not. */
  readonly codecs: readonly Codec[]
  readonly write: Codec
  /** What is tried on payloads of at least `above` bytes; `undefined`: nothing. */
  readonly compression: { readonly compressor: Compressor; readonly above: number } | undefined
  /** Those that may read. */
  readonly compressors: readonly Compressor[]
  /** A payload that would become larger is a miss, and is never made smaller in the first place. */
  readonly maxInflatedBytes: number
  /** Measures what compression takes. */
  readonly clock: Clock
}

/** @throws ConfigError for ids that an envelope cannot hold, or that two of them share. */
export function createEnvelopeFormat(options: EnvelopeFormatOptions): EnvelopeFormat {
  return new VersionOneFormat(options)
}

const NOTHING = new Uint8Array(0)

/** The library's own numbers end here; one that it has not given away yet is kept for a later release. */
const OWN_ID_MAX = 15
const OWN_NAMES = {
  codec: ['json', 'structured-clone'],
  compressor: ['zstd', 'gzip', 'brotli'],
} as const

class VersionOneFormat implements EnvelopeFormat {
  readonly #codecs: ReadonlyMap<number, Codec>
  readonly #compressors: ReadonlyMap<number, Compressor>
  readonly #options: EnvelopeFormatOptions
  readonly #seeds = new KeySeed()

  constructor(options: EnvelopeFormatOptions) {
    const { codecs, write, compressors, compression } = options
    this.#options = options
    this.#codecs = byId('codec', [write, ...codecs])
    this.#compressors = byId(
      'compressor',
      compression === undefined ? compressors : [compression.compressor, ...compressors],
    )
  }

  encode(key: string, content: EnvelopeContent): EncodedEnvelope | Promise<EncodedEnvelope> {
    const { compression, maxInflatedBytes, write } = this.#options
    const seed = this.#seeds.of(key)
    if (content.kind === 'absent') {
      const frame = { head: content, codecId: 0, payload: NOTHING, compressed: undefined }
      return { bytes: writeEnvelope(frame, seed), compression: undefined }
    }
    const payload = encodeValue(write, content.value)
    const frame = { head: content, codecId: write.id, payload, compressed: undefined }
    if (
      compression === undefined ||
      payload.length < compression.above ||
      payload.length > maxInflatedBytes
    ) {
      return { bytes: writeEnvelope(frame, seed), compression: undefined }
    }
    return this.#encodeSmaller(compression.compressor, frame, seed)
  }

  decode(key: string, bytes: Uint8Array): DecodedEnvelope | Promise<DecodedEnvelope> {
    try {
      const read = readEnvelope(bytes, this.#seeds.of(key))
      if (!read.ok) return read
      const { frame } = read
      if (frame.head.kind === 'absent') return { ok: true, content: frame.head }
      const codec = this.#codecs.get(frame.codecId)
      if (codec === undefined) return unknownId('codec', frame.codecId)
      if (frame.compressed === undefined) return decodeValue(codec, frame, frame.payload)
      const compressor = this.#compressors.get(frame.compressed.compressorId)
      if (compressor === undefined) return unknownId('compressor', frame.compressed.compressorId)
      return this.#decodeLarger(compressor, codec, { ...frame, compressed: frame.compressed })
    } catch (error) {
      return { ok: false, reason: 'corrupt', error }
    }
  }

  schemaVersionOf(key: string, bytes: Uint8Array): number | undefined {
    try {
      const read = readEnvelope(bytes, this.#seeds.of(key))
      return read.ok ? read.frame.head.schemaVersion : undefined
    } catch {
      return undefined
    }
  }

  async #encodeSmaller(
    compressor: Compressor,
    frame: EnvelopeFrame,
    seed: number,
  ): Promise<EncodedEnvelope> {
    const { clock } = this.#options
    const { payload } = frame
    const start = clock.monotonic()
    const smaller = await compressOrNot(compressor, payload)
    const durationMs = clock.monotonic() - start
    // The four bytes are those of the inflated length, which the envelope then carries too.
    const worthIt = smaller !== undefined && smaller.length + 4 < payload.length
    const compressed = { compressorId: compressor.id, inflatedBytes: payload.length }
    const chosen = worthIt ? { ...frame, payload: smaller, compressed } : frame
    return {
      bytes: writeEnvelope(chosen, seed),
      compression: {
        bytesBefore: payload.length,
        bytesAfter: chosen.payload.length,
        durationMs,
      },
    }
  }

  async #decodeLarger(
    compressor: Compressor,
    codec: Codec,
    frame: ReadEnvelope & { readonly compressed: CompressedPayload },
  ): Promise<DecodedEnvelope> {
    const { maxInflatedBytes } = this.#options
    const { inflatedBytes } = frame.compressed
    try {
      if (inflatedBytes > maxInflatedBytes) {
        throw new CodecError(
          `The value would inflate to ${inflatedBytes} bytes; \`maxInflatedBytes\` is ${maxInflatedBytes}.`,
        )
      }
      // Bound by what is declared, so a lie costs no more than the truth would have.
      const payload = await compressor.decompress(frame.payload, inflatedBytes)
      if (payload.length !== inflatedBytes) {
        throw new CodecError(
          `The value inflates to ${payload.length} bytes, not to the ${inflatedBytes} it declares.`,
        )
      }
      return decodeValue(codec, frame, payload)
    } catch (error) {
      return { ok: false, reason: 'corrupt', error }
    }
  }
}

function byId<T extends { readonly id: number; readonly name: string }>(
  kind: keyof typeof OWN_NAMES,
  parts: readonly T[],
): ReadonlyMap<number, T> {
  const found = new Map<number, T>()
  for (const part of parts) {
    const { id, name } = part
    const own = OWN_NAMES[kind][id - 1] === name
    if (!Number.isInteger(id) || id > 255 || (id <= OWN_ID_MAX && !own)) {
      throw new ConfigError({
        field: `${kind}.id`,
        expected: `a whole number from ${OWN_ID_MAX + 1} to 255`,
        actual: id,
      })
    }
    const other = found.get(id)
    if (other !== undefined && other.name !== name) {
      throw new ConfigError({
        field: `${kind}.id`,
        expected: `a number of its own: \`${other.name}\` and \`${name}\` share one`,
        actual: id,
      })
    }
    if (other === undefined) found.set(id, part)
  }
  return found
}

function encodeValue(codec: Codec, value: unknown): Uint8Array {
  try {
    return codec.encode(value)
  } catch (error) {
    if (error instanceof CodecError) throw error
    throw new CodecError(`The codec \`${codec.name}\` cannot keep the value.`, { cause: error })
  }
}

/** @throws whatever the codec throws; those who call it make it a miss. */
function decodeValue(codec: Codec, { head }: ReadEnvelope, payload: Uint8Array): DecodedEnvelope {
  head.value = codec.decode(payload)
  return { ok: true, content: head }
}

/** A compressor that fails costs room, not the entry. */
async function compressOrNot(
  compressor: Compressor,
  payload: Uint8Array,
): Promise<Uint8Array | undefined> {
  try {
    return await compressor.compress(payload)
  } catch {
    return undefined
  }
}

function unknownId(what: string, id: number): DecodedEnvelope {
  return {
    ok: false,
    reason: 'codec',
    error: new CodecError(`The envelope needs ${what} ${id}, which this cache does not have.`),
  }
}
