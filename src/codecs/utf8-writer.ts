/**
 * Text to UTF-8 by the fastest way there is, without loading anything of the platform. Used by
 * `json-codec.ts` and `write-envelope.ts`.
 */

/**
 * A function from well-formed text to its bytes, which may stand within a larger buffer.
 *
 * Node's own way takes a third to a tenth of the time of the standard one, where there is Node.
 */
export function utf8Writer(): (text: string) => Uint8Array {
  if (typeof Buffer !== 'undefined') return (text) => Buffer.from(text, 'utf8')
  const encoder = new TextEncoder()
  return (text) => encoder.encode(text)
}
