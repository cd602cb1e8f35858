/** Turns values into bytes and back. */

/**
 * One way to write values. Defined by `codecSuite` in `tiercel/testing`.
 *
 * `decode(encode(value))` equals `value` for whatever `encode` accepts; what a codec cannot keep it
 * refuses, so that nothing changes silently on its way through the shared tier.
 */
export interface Codec {
  /** Stands in each envelope, so it never changes its meaning. 1 to 15 are the library's own. */
  readonly id: number
  readonly name: string
  /** @throws CodecError if the value cannot be kept. */
  encode(value: unknown): Uint8Array
  /** @throws anything, for bytes it did not write; the entry is then a miss. */
  decode(bytes: Uint8Array): unknown
}

/** Makes bytes smaller, off the main thread. */
export interface Compressor {
  /** Stands in each envelope; 1 zstd, 2 gzip, 3 brotli. */
  readonly id: number
  readonly name: string
  compress(bytes: Uint8Array): Promise<Uint8Array>
  /** @throws anything, also when the result would be larger than `maxBytes`. */
  decompress(bytes: Uint8Array, maxBytes: number): Promise<Uint8Array>
}

/** Everything an entry carries through the shared tier beside what the tier itself judges by. */
export interface EnvelopeContent {
  /** `absent`: the source said "not found", and that is what is cached. */
  readonly kind: 'value' | 'absent'
  readonly value: unknown
  /** Of the collection's values, chosen by the application. */
  readonly schemaVersion: number
  /** Life as it was granted, after jitter; `Infinity` without an end. */
  readonly ttlMs: number
  readonly renewal: 'fixed' | 'sliding'
  /** Where renewal ends: the declared absolute end, epoch milliseconds; `Infinity`: nowhere. */
  readonly expiresAt: number
  /** How long past freshness the entry stays in grace, for renewal; milliseconds. */
  readonly graceMs: number
  /** How long the load took, the loader alone; `undefined` for values that were set. */
  readonly loadMs: number | undefined
  /** What the source knows the value by, as its loader said; at most 65,535 bytes of UTF-8. */
  readonly etag?: string | undefined
  readonly tags: readonly string[]
  readonly size: number
  readonly priority: Priority
}

/** Which entries leave first when room is needed. `never-remove` is last, but the bound holds. */
export type Priority = 'low' | 'normal' | 'high' | 'never-remove'

export interface EncodedEnvelope {
  readonly bytes: Uint8Array
  /** What compression did, if it was tried. */
  readonly compression: CompressionReport | undefined
}

export interface CompressionReport {
  readonly bytesBefore: number
  readonly bytesAfter: number
  readonly durationMs: number
}

/**
 * Why bytes are a miss. `version` (of the envelope) and `codec` are foreign rather than broken. `older` and
 * `newer`: of another version of the values. `migrate`: of an older one, and the migration threw.
 */
export type UndecodableReason =
  | 'corrupt'
  | 'version'
  | 'codec'
  | 'schema'
  | 'older'
  | 'newer'
  | 'migrate'

/**
 * Makes a value of an older version one of the present version. At once: whatever has to be asked for is a
 * load. `undefined`: from that version there is no way, so the entry is a miss. One that throws is a miss
 * too, and is counted. May change the value that it is given.
 */
export type Migration<V> = (value: unknown, from: number) => V | undefined

export type DecodedEnvelope =
  | { readonly ok: true; readonly content: EnvelopeContent }
  | { readonly ok: false; readonly reason: UndecodableReason; readonly error: unknown }

/**
 * The versioned envelope round a value, see `docs/wire-format.md`. Implemented in `codecs/`.
 *
 * Both ways stay synchronous where nothing is compressed, since each `await` costs a read its turn.
 */
export interface EnvelopeFormat {
  /**
   * `key` goes into the checksum, so an envelope copied to another key is a miss.
   * @throws CodecError if the value cannot be kept.
   */
  encode(key: string, content: EnvelopeContent): EncodedEnvelope | Promise<EncodedEnvelope>
  /** Never throws and never rejects: any bytes give a value or a reason. */
  decode(key: string, bytes: Uint8Array): DecodedEnvelope | Promise<DecodedEnvelope>
  /** Of the value, which is not decoded. `undefined`: nobody here can tell. */
  schemaVersionOf(key: string, bytes: Uint8Array): number | undefined
}
