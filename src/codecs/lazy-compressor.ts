/**
 * The library's compressors by name, loaded at their first use. Made by `resolve-compression.ts`.
 *
 * This file must load nothing of the platform at once: the door `tiercel` loads it.
 */

import type { Compressor } from '../contracts/codec.ts'
import type { CompressionName } from '../contracts/options.ts'

/** Stand in envelopes, so they never change. */
const IDS = { zstd: 1, gzip: 2, brotli: 3 } as const satisfies Record<CompressionName, number>

export function lazyCompressor(name: CompressionName): Compressor {
  const load = async () => (await import('./zlib-compressors.ts')).zlibCompressors[name]
  return {
    id: IDS[name],
    name,
    compress: async (bytes) => (await load()).compress(bytes),
    decompress: async (bytes, maxBytes) => (await load()).decompress(bytes, maxBytes),
  }
}
