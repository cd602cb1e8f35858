/** Bytes as text, on any runtime. */

/** Arguments of one call. */
const SLICE = 8_192

export function textOf(bytes: Uint8Array): string {
  const parts: string[] = []
  for (let from = 0; from < bytes.length; from += SLICE) {
    parts.push(String.fromCharCode(...bytes.subarray(from, from + SLICE)))
  }
  return btoa(parts.join(''))
}

/** `undefined`: it is not base64. */
export function bytesOf(text: string): Uint8Array | undefined {
  try {
    return Uint8Array.from(atob(text), (one) => one.charCodeAt(0))
  } catch {
    return undefined
  }
}
