/** Where the checkout is, whatever folder a command was started from. Every script starts here. */

import { fileURLToPath } from 'node:url'

/** The folder of package.json, without a slash at its end. */
export const root = fileURLToPath(new URL('..', import.meta.url)).replace(/[\\/]$/, '')
