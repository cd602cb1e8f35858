/** What stands in an envelope while its value is bytes. Made and taken apart by `envelope-format.ts`. */

import type { EnvelopeContent } from '../contracts/codec.ts'

export interface EnvelopeFrame {
  /** All but the value. */
  readonly head: Omit<EnvelopeContent, 'value'>
  /** 0 where there is no value. */
  readonly codecId: number
  readonly payload: Uint8Array
  /** How the payload was made smaller; `undefined`: it was not. */
  readonly compressed: CompressedPayload | undefined
}

export interface CompressedPayload {
  readonly compressorId: number
  readonly inflatedBytes: number
}
