/**
 * House rules that no tool knows: what doors hold, which names say nothing, and that no room, door or
 * workspace stands unguarded.
 *
 * Called by `check.mjs`; prints each breach with what to do about it.
 */

import { existsSync, globSync, readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { apart, rooms } from '../.dependency-cruiser.mjs'
import { splitComments } from './checks/split-comments.mjs'
import { root } from './root.mjs'

const emptyNames = /(^|[-.])(utils?|helpers?|common|misc|manager)([-.]|$)/
const reexport = /export\s+(?:type\s+)?\{[^}]*\}\s+from\s+'[^']+'\s*;?/g
const workspaces = ['{dashboard-app,bench,compat,examples/*,scripts/*}/package.json']
const everywhere = [
  '{src,test,scripts,bench,compat,examples,dashboard-app}/**/*.{ts,tsx,mts,mjs,js,css}',
]

/** @type {string[]} */
const breaches = [
  ...doorsHoldReexportsOnly(),
  ...namesSaySomething(),
  ...notesHaveAnIssue(),
  ...chanceIsInjected(),
  ...everyRoomIsGuarded(),
  ...everyDoorIsMeasured(),
  ...everyWorkspaceIsTyped(),
  ...everyPlatformIsLocked(),
]
for (const breach of breaches) console.log(breach)
process.exitCode = breaches.length === 0 ? 0 : 1

function doorsHoldReexportsOnly() {
  return find(['src/index.ts', 'src/*/index.ts'])
    .filter(hasLogic)
    .map((file) => `${file}: a door holds \`export { … } from '…'\` and nothing else.`)
}

/** @param {string} file */
function hasLogic(file) {
  return splitComments(read(file)).code.replaceAll(reexport, '').trim() !== ''
}

function namesSaySomething() {
  // What is compared with another package may carry that package's name.
  const peers = find(workspaces).flatMap((file) =>
    Object.keys(JSON.parse(read(file)).dependencies ?? {}),
  )
  return find(everywhere)
    .filter((file) => file.split('/').some((part) => emptyNames.test(part)))
    .filter((file) => !peers.includes(basename(file).replace(/(\.test)?\.\w+$/, '')))
    .map((file) => `${file}: name it after what it holds.`)
}

function notesHaveAnIssue() {
  return find(everywhere)
    .filter((file) => /\b(TODO|FIXME|XXX)\b(?!\(#\d+\))/.test(splitComments(read(file)).comments))
    .map((file) => `${file}: a note for later names its issue: \`TODO(#12)\`, or goes.`)
}

/** `Math.random` is part of the language, so neither the compiler nor the linter can take it away. */
function chanceIsInjected() {
  return find(['src/{core,shard,write-behind,coherence,warming}/**/*.ts'])
    .filter((file) => splitComments(read(file)).code.includes('Math.random'))
    .map((file) => `${file}: take chance from the injected Random.`)
}

function everyRoomIsGuarded() {
  const guarded = [...rooms, ...apart]
  return readdirSync(join(root, 'src'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !guarded.includes(entry.name))
    .map(({ name }) => `src/${name}: add the room to .dependency-cruiser.mjs.`)
}

function everyDoorIsMeasured() {
  /** @type {{ path: string }[]} */
  const limits = JSON.parse(read('.size-limit.json'))
  return Object.values(JSON.parse(read('package.json')).exports).flatMap((target) => {
    if (typeof target === 'string') return []
    /** @type {string} */
    const built = target.default.replace(/^\.\//, '')
    const source = built.replace(/^dist/, 'src').replace(/js$/, 'ts')
    return [
      ...(existsSync(join(root, source))
        ? []
        : [`${source}: package.json exports it; it is not there.`]),
      ...(limits.some(({ path }) => path === built)
        ? []
        : [`${built}: add it to .size-limit.json.`]),
    ]
  })
}

function everyWorkspaceIsTyped() {
  return find(workspaces)
    .map((file) => file.slice(0, -basename(file).length))
    .filter((folder) => !existsSync(join(root, folder, 'tsconfig.json')))
    .map((folder) => `${folder}: add a tsconfig.json.`)
}

/**
 * `npm ci` refuses a lock file that lacks the binary of another platform. npm writes such a lock where
 * its registry does not have them all yet, as it happens in the first days of a release.
 */
function everyPlatformIsLocked() {
  /** @type {Record<string, { optionalDependencies?: Record<string, string> }>} */
  const packages = JSON.parse(read('package-lock.json')).packages
  const locked = new Set(Object.keys(packages).map((path) => path.split('node_modules/').at(-1)))
  return Object.values(packages)
    .flatMap(({ optionalDependencies = {} }) => Object.keys(optionalDependencies))
    .filter((name) => !locked.has(name))
    .map((name) => `package-lock.json: ${name} is not locked; choose versions that have it.`)
}

/** @param {string[]} patterns */
function find(patterns) {
  const exclude = (/** @type {string} */ name) => name === 'node_modules' || name === 'dist'
  return globSync(patterns, { cwd: root, exclude })
    .map((file) => file.replaceAll('\\', '/'))
    .sort()
}

/** @param {string} file */
function read(file) {
  return readFileSync(join(root, file), 'utf8')
}
