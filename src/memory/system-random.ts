/** The platform's chance. Made once by `create-cache.ts`, where no other was given. */

import type { Random } from '../contracts/random.ts'

export class SystemRandom implements Random {
  next(): number {
    return Math.random()
  }

  id(): string {
    // 122 random bits, of which Node keeps some in stock: each step of Redis takes one.
    return globalThis.crypto.randomUUID().replaceAll('-', '')
  }
}
