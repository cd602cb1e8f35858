/**
 * The compressors on `node:zlib`, which work on its threads. Loaded by `lazy-compressor.ts` once
 * something is compressed, so that nobody else pays for them.
 */

import { promisify } from 'node:util'
import {
  brotliCompress,
  brotliDecompress,
  constants,
  gunzip,
  gzip,
  zstdCompress,
  zstdDecompress,
} from 'node:zlib'

/** A compressor without its name and number. */
export interface ZlibCompressor {
  compress(bytes: Uint8Array): Promise<Uint8Array>
  decompress(bytes: Uint8Array, maxBytes: number): Promise<Uint8Array>
}

/** Output is gathered in pieces: one for most values, and no more than this for a lie about its size. */
const PIECE_BYTES_MAX = 262_144
const PIECE_BYTES_MIN = 1024

/**
 * Brotli is by default set for what is compressed once and served a million times: a hundred times
 * slower than this, a tenth smaller.
 */
const BROTLI_QUALITY = 4

/** 8 MiB, which RFC 8878 names as what every decoder should take; writers of ours stay below it. */
const ZSTD_WINDOW_LOG_MAX = 23

export const zlibCompressors: {
  readonly zstd: ZlibCompressor
  readonly gzip: ZlibCompressor
  readonly brotli: ZlibCompressor
} = {
  zstd: {
    compress: (bytes) => promisify(zstdCompress)(bytes),
    decompress: (bytes, maxBytes) =>
      promisify(zstdDecompress)(bytes, {
        ...bound(maxBytes),
        params: { [constants.ZSTD_d_windowLogMax]: ZSTD_WINDOW_LOG_MAX },
      }),
  },
  gzip: {
    compress: (bytes) => promisify(gzip)(bytes),
    decompress: (bytes, maxBytes) => promisify(gunzip)(bytes, bound(maxBytes)),
  },
  brotli: {
    compress: (bytes) =>
      promisify(brotliCompress)(bytes, {
        params: {
          [constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY,
          [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
        },
      }),
    decompress: (bytes, maxBytes) => promisify(brotliDecompress)(bytes, bound(maxBytes)),
  },
}

function bound(maxBytes: number): { readonly maxOutputLength: number; readonly chunkSize: number } {
  return {
    // zlib refuses 0, which no envelope of ours declares.
    maxOutputLength: Math.max(1, maxBytes),
    chunkSize: Math.min(PIECE_BYTES_MAX, Math.max(PIECE_BYTES_MIN, maxBytes)),
  }
}
