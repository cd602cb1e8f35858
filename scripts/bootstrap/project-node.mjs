/**
 * The Node that everything runs on: the one the project brings as a development dependency, so that
 * a machine with an older Node is enough to start from.
 */

import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { root } from '../root.mjs'

const brought = join(root, 'node_modules', 'node', 'bin', 'node')
/** As in `engines` of package.json: the first 22 that runs TypeScript without a flag. */
const oldest = [22, 18]

/**
 * The Node to run on. `TIERCEL_NODE=host` asks for the one that runs this script, which is how the
 * tests are run on several versions.
 *
 * @returns {string} The path of an executable.
 * @throws Error if neither is there and new enough.
 */
export function projectNode() {
  const { TIERCEL_NODE: wanted } = process.env
  if (wanted !== 'host' && runs(brought)) return brought
  if (isRecent(process.versions.node)) return process.execPath
  throw new Error(
    `Expected Node ${oldest.join('.')} or later, got ${process.versions.node}, and the Node in ` +
      'node_modules/node does not run. Delete node_modules and try again, or install a newer Node.',
  )
}

/** Whether the brought Node runs; where its binary does not fit the system, the host's is used. */
export function hasProjectNode() {
  return runs(brought)
}

/**
 * The environment for tools: the project's Node and its commands come first.
 *
 * @param {string} node
 * @returns {NodeJS.ProcessEnv}
 */
export function toolEnvironment(node) {
  const { PATH: path } = process.env
  const bin = join(root, 'node_modules', '.bin')
  return { ...process.env, PATH: [dirname(node), bin, path].join(delimiter) }
}

/** @param {string} node */
function runs(node) {
  return existsSync(node) && spawnSync(node, ['--version']).status === 0
}

/** @param {string} version */
function isRecent(version) {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const [oldestMajor = 0, oldestMinor = 0] = oldest
  return major > oldestMajor || (major === oldestMajor && minor >= oldestMinor)
}
