import { resolve } from 'node:path'
import { ConfigError } from '../contracts/errors.ts'

/**
 * The file that a path means now, whatever folder the process moves to later. `:memory:` stays.
 *
 * @throws ConfigError if it is no path.
 */
export function absolutePath(path: string): string {
  if (path === ':memory:') return path
  if (typeof path === 'string' && path !== '' && !path.includes('\0')) return resolve(path)
  throw new ConfigError({ field: 'path', expected: 'the path of a file', actual: path })
}
