/** What a forecast has learned as text, base64 by RFC 4648, which every codec can keep. */

const SIGNS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
/** Bytes that become text without a pause: well under a millisecond of work. A multiple of three. */
const SLICE = 6_144

/** Pauses now and then, to be gone on with. */
export function* textOf(state: Uint8Array): Generator<undefined, string> {
  const parts: string[] = []
  for (let from = 0; from < state.length; from += SLICE) {
    if (from > 0) yield
    parts.push(sliceOf(state.subarray(from, from + SLICE)))
  }
  return parts.join('')
}

function sliceOf(bytes: Uint8Array): string {
  let text = ''
  for (let at = 0; at < bytes.length; at += 3) {
    const bits = ((bytes[at] as number) << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0)
    for (let shift = 18; shift >= 0; shift -= 6) text += SIGNS[(bits >> shift) & 63]
  }
  const beyond = (3 - (bytes.length % 3)) % 3
  return beyond === 0 ? text : text.slice(0, -beyond).padEnd(text.length, '=')
}

/** Signs that are none are read as zeros: the state has a checksum. */
export function stateOf(text: string): Uint8Array {
  const signs = text.replace(/=+$/, '')
  const state = new Uint8Array(Math.floor((signs.length * 3) / 4))
  const values = new Uint8Array(128)
  for (let value = 0; value < SIGNS.length; value += 1) values[SIGNS.charCodeAt(value)] = value
  let bits = 0
  for (let at = 0; at < signs.length; at += 1) {
    bits = ((bits << 6) | (values[signs.charCodeAt(at)] ?? 0)) & 0xffffff
    // Every sign but the first of four completes a byte.
    const turn = at % 4
    if (turn > 0) state[at - Math.floor(at / 4) - 1] = bits >> (6 - 2 * turn)
  }
  return state
}
