/** The platform's chance. Made once by `create-cache.ts`, where no other was given. */

import type { Random } from '../contracts/random.ts'

/** 128 bits. */
const ID_BYTES = 16

export class SystemRandom implements Random {
  next(): number {
    return Math.random()
  }

  id(): string {
    const bytes = globalThis.crypto.getRandomValues(new Uint8Array(ID_BYTES))
    return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
  }
}
