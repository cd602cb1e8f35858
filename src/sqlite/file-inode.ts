/** Which file stands at a path. */

import { statSync } from 'node:fs'

/** What tells a file from another one at the same path; `undefined` where there is none. */
export function inodeOf(path: string): string | undefined {
  if (path === ':memory:') return path
  return statSync(path, { throwIfNoEntry: false, bigint: true })?.ino.toString()
}

/** As `inodeOf`, and `undefined` too where the path cannot be looked at. */
export function inodeIfSeen(path: string): string | undefined {
  try {
    return inodeOf(path)
  } catch {
    return undefined
  }
}

/**
 * Another file stands at the path of one that is open, or none. Where the path cannot be looked at, as in a
 * folder whose rights are being changed, the file is taken for the same.
 */
export function hasMoved(path: string, inode: string | undefined): boolean {
  try {
    return inodeOf(path) !== inode
  } catch {
    return false
  }
}
