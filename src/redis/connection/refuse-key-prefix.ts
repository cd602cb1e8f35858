/** A check that both drivers' clients need. Called by the two sources. */

import { ConfigError } from '../../contracts/errors.ts'

/** @throws ConfigError if the client puts something before each key: scripts would not see it. */
export function refuseKeyPrefix(keyPrefix: unknown): void {
  if (keyPrefix === undefined || keyPrefix === null || keyPrefix === '') return
  throw new ConfigError({
    field: 'client.options.keyPrefix',
    expected: 'left out',
    actual: keyPrefix,
    cure: "The cache's name is the prefix of all its keys already; pass a client without one.",
  })
}
