/**
 * Programs of the operating system that some tests need. They are installed where that needs no
 * question; otherwise it is said what to install, and the run goes on.
 */

import { existsSync, readdirSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { capture } from './capture.mjs'

/**
 * Command, package on Debian, and what it is for.
 *
 * @type {readonly { command: string, instead?: readonly string[], versions?: string, debian: string, purpose: string }[]}
 */
const needed = [
  { command: 'xz', debian: 'xz-utils', purpose: 'reads traces that end in .xz' },
  {
    command: 'redis-server',
    debian: 'redis-server',
    purpose: 'is what the Redis tier is tested on',
  },
  {
    command: 'chromium',
    instead: ['chromium-browser', 'google-chrome', 'google-chrome-stable'],
    debian: 'chromium',
    purpose: 'opens the dashboard in its tests',
  },
  {
    command: 'redis-sentinel',
    debian: 'redis-sentinel',
    purpose: 'promotes a replica in the tests of failover',
  },
  {
    command: 'initdb',
    // Debian keeps the server's programs out of the path.
    versions: '/usr/lib/postgresql',
    debian: 'postgresql',
    purpose: 'makes the PostgreSQL that stores are tested on',
  },
  {
    command: 'promtool',
    debian: 'prometheus',
    purpose: 'judges what Prometheus is told',
  },
]
/** A browser and what it needs are 300 MB. */
const installMsMax = 5 * 60_000

export async function ensureSystemPackages() {
  const missing = needed.filter((one) => !isThere(one))
  if (missing.length === 0) return
  if (mayInstall()) await install(missing.map(({ debian }) => debian))
  for (const one of missing) {
    if (isThere(one)) continue
    const { command, debian, purpose } = one
    console.error(`\`${command}\` is missing (it ${purpose}). On Debian: apt-get install ${debian}`)
  }
}

function mayInstall() {
  return process.getuid?.() === 0 && existsSync('/etc/debian_version') && isOnPath('apt-get')
}

/** @param {string[]} packages */
async function install(packages) {
  console.error(`Installing ${packages.join(', ')} with apt-get.`)
  const options = {
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    timeoutMs: installMsMax,
  }
  const command = ['install', '--yes', '--no-install-recommends', ...packages]
  const { ok } = await capture('apt-get', command, options)
  if (ok) return
  // A fresh image has no package lists yet.
  await capture('apt-get', ['update'], options)
  await capture('apt-get', command, options)
}

/** @param {{ command: string, instead?: readonly string[], versions?: string }} program */
function isThere({ command, instead = [], versions }) {
  if ([command, ...instead].some(isOnPath)) return true
  if (versions === undefined || !existsSync(versions)) return false
  return readdirSync(versions).some((one) => existsSync(join(versions, one, 'bin', command)))
}

/** @param {string} command */
function isOnPath(command) {
  const { PATH: path = '' } = process.env
  return path.split(delimiter).some((folder) => existsSync(join(folder, command)))
}
