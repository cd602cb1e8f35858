/** What an envelope says of its value, for a person who looks at it: the value itself stays bytes. */

import type { EnvelopeContent } from '../contracts/codec.ts'
import { KeySeed } from './key-seed.ts'
import { readEnvelope } from './read-envelope.ts'

export interface EnvelopeDescription extends Omit<EnvelopeContent, 'value'> {
  /** 0: there is no value; 1 JSON, 2 structured clone; others are the application's. */
  readonly codecId: number
  /** 0: not compressed; 1 zstd, 2 gzip, 3 brotli. */
  readonly compressorId: number
  readonly payloadBytes: number
}

/** `undefined`: nobody here can read it. `id`: the key as the tier stores it. Never throws. */
export function describeEnvelope(id: string, bytes: Uint8Array): EnvelopeDescription | undefined {
  try {
    const read = readEnvelope(bytes, new KeySeed().of(id))
    if (!read.ok) return undefined
    const { head, codecId, compressed, payload } = read.frame
    const { value: _, ...rest } = head
    return {
      ...rest,
      codecId,
      compressorId: compressed?.compressorId ?? 0,
      payloadBytes: payload.byteLength,
    }
  } catch {
    return undefined
  }
}
