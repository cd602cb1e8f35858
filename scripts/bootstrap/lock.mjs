/**
 * One run at a time in this checkout, for what two runs would spoil: installing and building.
 *
 * The lock is a file whose owner touches it every few seconds, so that one left behind by a killed
 * run is recognised by its age. It lies in `.data/`, because an install empties `node_modules`.
 */

import { randomUUID } from 'node:crypto'
import {
  linkSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { root } from '../root.mjs'

const lockFile = join(root, '.data', 'bootstrap.lock')
const heartbeatMs = 2_000
/** Several missed heartbeats: a machine under heavy load may miss one. */
const abandonedMs = 30_000
const pollMs = 150
/** Longer than any install that still makes progress. */
const waitMsMax = 15 * 60_000

/**
 * Runs `task` while no other run holds the lock. Not reentrant.
 *
 * @template T
 * @param {() => Promise<T>} task
 * @returns {Promise<T>}
 * @throws Error if the lock is still held after a quarter of an hour.
 */
export async function locked(task) {
  const owner = randomUUID()
  await acquire(owner)
  const heartbeat = setInterval(touch, heartbeatMs)
  const letGo = () => release(owner)
  process.once('exit', letGo)
  try {
    return await task()
  } finally {
    clearInterval(heartbeat)
    process.removeListener('exit', letGo)
    letGo()
  }
}

/** @param {string} owner */
async function acquire(owner) {
  mkdirSync(dirname(lockFile), { recursive: true })
  const deadline = Date.now() + waitMsMax
  let told = false
  while (!take(owner)) {
    if (isAbandoned()) breakLock()
    if (Date.now() > deadline) {
      throw new Error(`Another run is still at work. If there is none, delete ${lockFile}.`)
    }
    if (!told) console.error('Another run is installing or building here; waiting for it.')
    told = true
    await sleep(pollMs)
  }
}

/** @param {string} owner */
function take(owner) {
  try {
    writeFileSync(lockFile, `${owner}\n`, { flag: 'wx' })
    return true
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false
    throw error
  }
}

function isAbandoned() {
  try {
    return Date.now() - statSync(lockFile).mtimeMs > abandonedMs
  } catch {
    return false
  }
}

/**
 * Takes an abandoned lock out of the way. Two runs may find it at the same time; the slower one
 * would then remove the lock that the faster one has taken meanwhile. So what was removed is looked
 * at again, and put back if it is alive.
 */
function breakLock() {
  const aside = `${lockFile}.${randomUUID()}`
  try {
    renameSync(lockFile, aside)
  } catch {
    return
  }
  try {
    if (Date.now() - statSync(aside).mtimeMs < abandonedMs) linkSync(aside, lockFile)
  } finally {
    rmSync(aside, { force: true })
  }
}

function touch() {
  const now = new Date()
  try {
    utimesSync(lockFile, now, now)
  } catch {
    // Gone: somebody held us for dead. What runs now is finished all the same.
  }
}

/** @param {string} owner */
function release(owner) {
  try {
    if (readFileSync(lockFile, 'utf8') === `${owner}\n`) rmSync(lockFile)
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error
  }
}

/** @param {unknown} error */
function codeOf(error) {
  return error instanceof Error && 'code' in error ? error.code : undefined
}
