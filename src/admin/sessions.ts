/**
 * Who is logged in by a cookie, and who may log in once. In this process alone, bounded, by digests:
 * what is held here opens nothing.
 */

import { randomBytes } from 'node:crypto'
import type { Clock } from '../contracts/clock.ts'
import type { AdminRole } from './admin-options.ts'
import { digestOf } from './same-secret.ts'

export interface Session {
  readonly role: AdminRole
  /** By the host's clock, for people. */
  readonly expiresAt: number
}

interface Held extends Session {
  /** By the monotonic clock: no change of the host's time makes a session longer. */
  readonly until: number
}

/** More than people who look at one instance; the oldest of more is logged out. */
const SESSIONS = 100
const ONE_TIME_TOKENS = 8
const ONE_TIME_MS = 86_400_000
/** Twice what could ever be guessed. */
const SECRET_BYTES = 32

export class Sessions {
  readonly #clock: Clock
  readonly #sessionMs: number
  readonly #sessions = new Map<string, Held>()
  readonly #oneTime = new Map<string, Held>()

  constructor(clock: Clock, sessionMs: number) {
    this.#clock = clock
    this.#sessionMs = sessionMs
  }

  /** A secret that `redeem` takes once. */
  oneTimeToken(role: AdminRole): string {
    return this.#put(this.#oneTime, { role, forMs: ONE_TIME_MS, most: ONE_TIME_TOKENS })
  }

  /** The role of a one-time token, which is none from now on. */
  redeem(token: string): AdminRole | undefined {
    const held = this.#find(this.#oneTime, token)
    if (held !== undefined) this.#oneTime.delete(idOf(token))
    return held?.role
  }

  /** Answers the secret that the cookie is to hold. */
  begin(role: AdminRole): { readonly secret: string } & Session {
    const secret = this.#put(this.#sessions, { role, forMs: this.#sessionMs, most: SESSIONS })
    return { secret, role, expiresAt: Math.round(this.#clock.now() + this.#sessionMs) }
  }

  find(secret: string): Session | undefined {
    return this.#find(this.#sessions, secret)
  }

  end(secret: string): void {
    this.#sessions.delete(idOf(secret))
  }

  #put(
    into: Map<string, Held>,
    { role, forMs, most }: { role: AdminRole; forMs: number; most: number },
  ): string {
    const secret = randomBytes(SECRET_BYTES).toString('base64url')
    const until = this.#clock.monotonic() + forMs
    into.set(idOf(secret), { role, expiresAt: Math.round(this.#clock.now() + forMs), until })
    for (const oldest of into.keys()) {
      if (into.size <= most) break
      into.delete(oldest)
    }
    return secret
  }

  #find(among: Map<string, Held>, secret: string): Held | undefined {
    const id = idOf(secret)
    const held = among.get(id)
    if (held === undefined || this.#clock.monotonic() < held.until) return held
    among.delete(id)
    return undefined
  }
}

/** A look into a map takes no secret time: what it is asked for is a digest. */
function idOf(secret: string): string {
  return digestOf(secret).toString('base64url')
}
