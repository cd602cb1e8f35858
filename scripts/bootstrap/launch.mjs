/** Runs the real program of a command, as if it had been started in this process's place. */

import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import { root } from '../root.mjs'

/** @type {readonly NodeJS.Signals[]} */
const forwarded = ['SIGINT', 'SIGTERM', 'SIGHUP']
/** npm hands Ctrl-C on although the terminal already has; what comes this close is the same press. */
const samePressMs = 500
/** How often to look whether npm is still there. */
const parentPollMs = 500
/** What a program has to end in after a signal, before it is killed with its children. */
const patienceMs = 15_000

/**
 * Starts `command` in a group of its own, so that a signal reaches it once and from here only.
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<number>} Its exit code; 128 and the signal's number if a signal ended it.
 */
export function launch(command, args, env) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: root, env, stdio: 'inherit', detached: true })
    const stop = forwardSignals(child)
    child.once('error', (error) => {
      stop()
      reject(error)
    })
    child.once('exit', (code, signal) => {
      stop()
      resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal]))
    })
  })
}

/**
 * @param {import('node:child_process').ChildProcess} child
 * @returns {() => void} Ends the forwarding.
 */
function forwardSignals(child) {
  /** @type {NodeJS.Timeout | undefined} */
  let impatience
  let lastAt = Number.NEGATIVE_INFINITY
  const forward = (/** @type {NodeJS.Signals} */ signal) => {
    const now = performance.now()
    if (now - lastAt < samePressMs) return
    lastAt = now
    signalGroup(child, signal)
    impatience ??= setTimeout(() => {
      console.error(`Still running after ${patienceMs / 1000} s; killing it.`)
      signalGroup(child, 'SIGKILL')
    }, patienceMs)
  }
  for (const signal of forwarded) process.on(signal, forward)
  const watch = whenOrphaned(() => forward('SIGTERM'))
  return () => {
    clearTimeout(impatience)
    clearInterval(watch)
    for (const signal of forwarded) process.removeListener(signal, forward)
  }
}

/**
 * npm passes a signal on to its shell, which ends without passing it on to us. What npm started ends
 * with npm; what was started otherwise may outlive its parent, as a service does.
 *
 * @param {() => void} act
 */
function whenOrphaned(act) {
  const parent = process.ppid
  const { npm_lifecycle_event: startedByNpm } = process.env
  if (startedByNpm === undefined) return undefined
  const watch = setInterval(() => {
    if (process.ppid === parent) return
    clearInterval(watch)
    act()
  }, parentPollMs)
  return watch
}

/**
 * @param {import('node:child_process').ChildProcess} child
 * @param {NodeJS.Signals} signal
 */
function signalGroup(child, signal) {
  if (child.pid !== undefined) process.kill(-child.pid, signal)
}
