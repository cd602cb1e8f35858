/**
 * Empty, and at an address: it is a part of something that is not. Node 22 tells SQLite no address for an
 * empty array that stands alone, as those that come from another thread do, and SQLite takes that for `NULL`.
 */
const NOTHING = new Uint8Array(1).subarray(0, 0)

/** Bytes as a statement takes them on every Node: none at all stay a blob of none. */
export function boundBytes(bytes: Uint8Array): Uint8Array {
  return bytes.byteLength === 0 ? NOTHING : bytes
}
