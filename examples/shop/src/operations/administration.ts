import { randomBytes } from 'node:crypto'
import type { Cache } from 'tiercel'
import { type Admin, createAdmin } from 'tiercel/admin'
import { dashboardAssets } from 'tiercel/dashboard'

declare module 'fastify' {
  interface FastifyInstance {
    /** Opens the dashboard once, in one browser. `address`: of the shop. */
    dashboardLink(address: string): string
  }
}

/** Who may look into the cache and change it: whoever has the token, and whoever opens the link. */
export interface Administration {
  readonly admin: Admin
  /** Whether programs may come in too: there is a token that somebody knows. */
  readonly hasToken: boolean
  readonly dashboardLink: (address: string) => string
}

/** Where the dashboard and the admin API stand. */
export const ADMIN_BASE = '/tiercel'

export function openAdministration(cache: Cache, token: string | undefined): Administration {
  // Without a token the API would be closed, to the link as well; this one nobody knows.
  const unknown = randomBytes(32).toString('base64url')
  const admin = createAdmin({
    cache,
    base: ADMIN_BASE,
    token: token ?? unknown,
    dashboard: dashboardAssets(),
  })
  return {
    admin,
    hasToken: token !== undefined,
    dashboardLink: (address) => `${address}${ADMIN_BASE}/#token=${admin.oneTimeToken()}`,
  }
}
