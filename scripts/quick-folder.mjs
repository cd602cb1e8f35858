/**
 * A folder for temporary files in memory, where the system has that and enough of it.
 *
 * Tests make tens of thousands of files, whole database clusters and copies of the checkout among them,
 * which take up to thirty times as long on a disk. None of them is about what a disk keeps through a power
 * cut; those bring a file system of their own.
 */

import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync, statfsSync } from 'node:fs'
import { freemem } from 'node:os'
import { join } from 'node:path'

const MEMORY = '/dev/shm'
const ENOUGH_BYTES = 3 * 2 ** 30
const NAME = 'tiercel-tests-'

/**
 * @param {Readonly<NodeJS.ProcessEnv>} env
 * @param {{ memory?: string, enoughBytes?: number }} [where] It is made there, if so much is free.
 * @returns {{ env: NodeJS.ProcessEnv, remove: () => void }} The variables for a process that uses it.
 */
export function quickFolder(env, { memory = MEMORY, enoughBytes = ENOUGH_BYTES } = {}) {
  const plain = { env, remove: () => {} }
  if (env['TMPDIR'] !== undefined || !existsSync(memory)) return plain
  removeAbandoned(memory)
  const { bavail, bsize } = statfsSync(memory)
  if (bavail * bsize < enoughBytes || freemem() < enoughBytes) return plain
  const folder = mkdtempSync(join(memory, `${NAME}${process.pid}-`))
  // Servers that must not run as root have a user of their own.
  chmodSync(folder, 0o1777)
  return {
    env: { ...env, TMPDIR: folder },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}

/**
 * Of runs that were killed: nothing else would ever give their memory back.
 *
 * @param {string} memory
 */
function removeAbandoned(memory) {
  for (const name of readdirSync(memory)) {
    const [, pid] = new RegExp(`^${NAME}(\\d+)-`).exec(name) ?? []
    if (pid === undefined || isRunning(Number(pid))) continue
    rmSync(join(memory, name), { recursive: true, force: true })
  }
}

/** @param {number} pid */
function isRunning(pid) {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    // Of somebody else, whom this process may not signal.
    return /** @type {NodeJS.ErrnoException} */ (error).code === 'EPERM'
  }
}
