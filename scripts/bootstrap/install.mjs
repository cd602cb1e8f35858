/**
 * Installs the packages that the lock file names, if they are not there yet.
 *
 * What is installed is known from a stamp in `node_modules`. Without a stamp the list that npm keeps
 * there is compared, so that whoever runs `npm install` by hand is not made to wait again.
 */

import { createHash } from 'node:crypto'
import { existsSync, lstatSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { root } from '../root.mjs'
import { capture } from './capture.mjs'
import { locked } from './lock.mjs'
import { hasProjectNode } from './project-node.mjs'

const modules = join(root, 'node_modules')
const stampFile = join(modules, '.tiercel-installed')
const installMsMax = 10 * 60_000
const stillMs = 20_000
/** npm's own patience is over a minute, too long to learn that there is no network. */
const retries = [
  '--fetch-retries=3',
  '--fetch-retry-mintimeout=2000',
  '--fetch-retry-maxtimeout=10000',
]
const unreachable = /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ERR_SOCKET_TIMEOUT/

/** @typedef {Record<string, { version?: string, integrity?: string, optional?: boolean }>} Packages */

/** @throws Error with what a person can do about it. */
export async function ensureInstalled() {
  // A linked folder belongs to another checkout, which looks after it.
  if (lstatSync(modules, { throwIfNoEntry: false })?.isSymbolicLink()) return
  if (readIfThere(stampFile) === fingerprint()) return
  await locked(async () => {
    // Whoever held the lock may have done it all.
    if (readIfThere(stampFile) === fingerprint()) return
    if (!matchesLockFile()) await install()
    await ensureNode()
    writeFileSync(stampFile, fingerprint())
  })
}

function fingerprint() {
  const lock = readFileSync(join(root, 'package-lock.json'))
  const machine = `${process.platform}-${process.arch}`
  return `${createHash('sha256').update(lock).digest('hex')} ${machine}\n`
}

/** Whether what npm says is installed is what the lock file asks for. */
function matchesLockFile() {
  const installed = packagesIn(join(modules, '.package-lock.json'))
  const wanted = packagesIn(join(root, 'package-lock.json'))
  if (installed === undefined || wanted === undefined) return false
  return Object.entries(wanted).every(([path, { version, integrity, optional }]) => {
    const found = installed[path]
    // The root itself is not listed; optional packages are left out where they do not fit.
    if (found === undefined) return path === '' || optional === true
    return found.version === version && found.integrity === integrity
  })
}

/**
 * @param {string} file
 * @returns {Packages | undefined}
 */
function packagesIn(file) {
  const text = readIfThere(file)
  return text === undefined ? undefined : JSON.parse(text).packages
}

async function install() {
  const began = Date.now()
  console.error('Installing packages (npm ci). The first time takes a minute or two.')
  const still = setInterval(() => {
    console.error(`  still installing, ${Math.round((Date.now() - began) / 1000)} s`)
  }, stillMs)
  rmSync(stampFile, { force: true })
  // Development packages are asked for by name: NODE_ENV=production would leave them out.
  const args = ['ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=warn', ...retries]
  const { ok, output } = await npm(args).finally(() => clearInterval(still))
  if (ok) {
    console.error(`Installed in ${((Date.now() - began) / 1000).toFixed(1)} s.`)
    return
  }
  console.error(output)
  throw new Error(`npm ci failed; its output stands above. ${cureFor(output)}`.trim())
}

/** @param {string} output */
function cureFor(output) {
  if (/code EUSAGE/.test(output))
    return 'Run `npm install`, and commit the package-lock.json it writes.'
  if (unreachable.test(output)) {
    return 'The npm registry cannot be reached. It is needed once; later runs work offline.'
  }
  return ''
}

/** The brought Node arrives by an install script, which some machines switch off. */
async function ensureNode() {
  const folder = join(modules, 'node')
  if (hasProjectNode() || !existsSync(folder)) return
  const options = { cwd: folder, timeoutMs: installMsMax }
  const { ok, output } = await capture(process.execPath, ['installArchSpecificPackage'], options)
  if (!ok || !hasProjectNode()) {
    console.error(output)
    console.error('The Node of the project could not be installed; trying the one of this machine.')
  }
}

/** @param {string[]} args */
function npm(args) {
  // The npm that started this script is known to exist; `npm` need not be on the PATH.
  const { npm_execpath: started } = process.env
  const options = { timeoutMs: installMsMax }
  return started !== undefined && basename(started) === 'npm-cli.js'
    ? capture(process.execPath, [started, ...args], options)
    : capture('npm', args, options)
}

/** @param {string} file */
function readIfThere(file) {
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined
}
