/** Door of `tiercel/codecs`: how values become bytes, for those who choose or write a codec. */

export type {
  Codec,
  CompressionReport,
  Compressor,
  DecodedEnvelope,
  EncodedEnvelope,
  EnvelopeContent,
  EnvelopeFormat,
  UndecodableReason,
} from '../contracts/codec.ts'
export { describeEnvelope, type EnvelopeDescription } from './describe-envelope.ts'
export type { EnvelopeFormatOptions } from './envelope-format.ts'
export { createEnvelopeFormat } from './envelope-format.ts'
export { jsonCodec } from './json-codec.ts'
export { lazyCompressor } from './lazy-compressor.ts'
export { structuredCloneCodec } from './structured-clone-codec.ts'
