import { createHash, timingSafeEqual } from 'node:crypto'

export function digestOf(secret: string): Buffer {
  return createHash('sha256').update(secret).digest()
}

/**
 * Whether a text is the secret with this digest, in a time that does not tell how much of it fits. Digests
 * are compared since texts of two lengths cannot be.
 */
export function isSecret(text: string, digest: Uint8Array): boolean {
  return timingSafeEqual(digestOf(text), digest)
}
