import type { ShopConfig } from './read-config.ts'
import { StartError } from './start-error.ts'

/** Why the shop did not start, in one line that says what to do. */
export function explainFailure(error: unknown, config: ShopConfig | undefined): string {
  if (error instanceof StartError) return error.message
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (config !== undefined) {
    const { host, port } = config
    if (code === 'EADDRINUSE') {
      return `Port ${port} of ${host} is in use. Stop the other program, or set PORT (0 takes any free port).`
    }
    if (code === 'EACCES') {
      return `Port ${port} of ${host} needs rights that this user lacks. Set PORT to 1024 or more.`
    }
    if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND' || code === 'EAI_AGAIN') {
      return `HOST ${host} is not an address of this machine. Set HOST to 127.0.0.1 or 0.0.0.0.`
    }
  }
  return error instanceof Error ? error.message : String(error)
}
