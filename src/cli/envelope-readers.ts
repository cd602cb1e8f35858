/** How the desk reads what stands in envelopes: their heads, and text that the library keeps for itself. */

import type { DeskParts } from '../desk/index.ts'

const MAX_BYTES = 8 * 1_024 * 1_024

export async function envelopeReaders(): Promise<Pick<DeskParts, 'readHead' | 'readText'>> {
  const [{ describeEnvelope, createEnvelopeFormat, jsonCodec, lazyCompressor }, { SystemClock }] =
    await Promise.all([import('../codecs/index.ts'), import('../memory/index.ts')])
  const format = createEnvelopeFormat({
    codecs: [],
    write: jsonCodec(),
    compression: undefined,
    compressors: (['zstd', 'gzip', 'brotli'] as const).map(lazyCompressor),
    maxInflatedBytes: MAX_BYTES,
    clock: new SystemClock(),
  })
  return {
    readHead: describeEnvelope,
    async readText(id, bytes) {
      const decoded = await format.decode(id, bytes)
      const value = decoded.ok ? decoded.content.value : undefined
      return typeof value === 'string' ? value : undefined
    },
  }
}
