/** Envelopes that tell whether they are whole, for the scenarios with several processes. */

import { crc32 } from 'node:zlib'

/** `version` of `id`, padded to some size that depends on it, with a checksum at the end. */
export function wholeEnvelope(id: string, version: number): Uint8Array {
  const padding = 'x'.repeat((version * 37) % 3_000)
  const body = Buffer.from(`${id}\n${version}\n${padding}`)
  const sum = Buffer.alloc(4)
  sum.writeUInt32LE(crc32(body))
  return new Uint8Array(Buffer.concat([body, sum]))
}

/** The version that was written for `id`; `undefined` if the bytes are torn or another key's. */
export function versionOf(id: string, envelope: Uint8Array): number | undefined {
  const bytes = Buffer.from(envelope)
  const body = bytes.subarray(0, -4)
  if (bytes.length < 4 || crc32(body) !== bytes.readUInt32LE(body.length)) return undefined
  const [owner, version] = body.toString().split('\n')
  return owner === id ? Number(version) : undefined
}
