/**
 * The same bytes in a buffer of exactly their size.
 *
 * What is posted to a thread takes its whole buffer along: of a `Buffer` from Node's pool that is 8
 * kilobytes for any value, and bytes of others. Used wherever bytes go to a worker.
 */
export function compactBytes(bytes: Uint8Array): Uint8Array {
  const whole = bytes.byteLength === bytes.buffer.byteLength && bytes.buffer instanceof ArrayBuffer
  return whole ? bytes : new Uint8Array(bytes)
}
