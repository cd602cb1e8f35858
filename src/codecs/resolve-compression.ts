/** From what users write about compression to what `createEnvelopeFormat` takes. Called by `createCache`. */

import type { Compressor } from '../contracts/codec.ts'
import { ConfigError } from '../contracts/errors.ts'
import type { CodecOptions, CompressionName, CompressionOptions } from '../contracts/options.ts'
import { lazyCompressor } from './lazy-compressor.ts'

export interface ResolvedCompression {
  /** `undefined`: nothing is compressed. */
  readonly compression: CompressionUse | undefined
  /** For reading: what another instance has compressed is read with compression off, too. */
  readonly compressors: readonly Compressor[]
  readonly maxInflatedBytes: number
}

export interface CompressionUse {
  readonly compressor: Compressor
  /** Bytes from which it is tried. */
  readonly above: number
}

const NAMES: readonly CompressionName[] = ['zstd', 'gzip', 'brotli']

/**
 * `compression` with what it leaves open taken from `defaults`. `path` stands before the field in messages.
 *
 * @throws ConfigError naming the field that cannot work.
 */
export function resolveCompression(
  compression: CodecOptions['compression'],
  defaults: Required<CompressionOptions>,
  path = '',
): ResolvedCompression {
  const given = typeof compression === 'object' && compression !== null ? compression : {}
  const above = count(`${path}compression.above`, orDefault(given.above, defaults.above), 0)
  const maxInflatedBytes = count(
    `${path}compression.maxInflatedBytes`,
    orDefault(given.maxInflatedBytes, defaults.maxInflatedBytes),
    1,
  )
  const compressors = NAMES.map(lazyCompressor)
  if (compression === undefined || compression === 'off') {
    return { compression: undefined, compressors, maxInflatedBytes }
  }
  const asked = compression === given ? orDefault(given.algorithm, defaults.algorithm) : compression
  const compressor = compressors.find(({ name }) => name === asked)
  if (compressor === undefined) {
    throw new ConfigError({
      field: `${path}${compression === given ? 'compression.algorithm' : 'compression'}`,
      expected: `one of ${NAMES.join(', ')}${compression === given ? '' : ', off, or options'}`,
      actual: asked,
    })
  }
  return { compression: { compressor, above }, compressors, maxInflatedBytes }
}

/** `null`, as a file may say it, is a value that cannot be. */
function orDefault<T>(given: T | undefined, fallback: T): T {
  return given === undefined ? fallback : given
}

function count(field: string, value: number, min: number): number {
  if (Number.isSafeInteger(value) && value >= min) return value
  throw new ConfigError({ field, expected: `a whole number of at least ${min}`, actual: value })
}
