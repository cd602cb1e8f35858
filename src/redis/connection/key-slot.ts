/** Which of a cluster's slots a key has. https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/ */

export const SLOTS = 16384

/** CRC-16/XMODEM, one entry a byte. */
const table = Uint16Array.from({ length: 256 }, (_, byte) => {
  let crc = byte << 8
  for (let bit = 0; bit < 8; bit++) crc = crc & 0x8000 ? (crc << 1) ^ 0x1021 : crc << 1
  return crc
})

/** Of what stands between the first braces, if anything does; else of the whole key. */
export function keySlot(key: string): number {
  const open = key.indexOf('{')
  const end = open < 0 ? -1 : key.indexOf('}', open + 1)
  const tag = end > open + 1 ? key.slice(open + 1, end) : key
  let crc = 0
  for (const byte of Buffer.from(tag)) crc = ((crc << 8) ^ (table[(crc >> 8) ^ byte] ?? 0)) & 0xffff
  return crc % SLOTS
}
