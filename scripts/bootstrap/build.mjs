/**
 * Builds `src/` into `dist/`, and the pages of the dashboard into `dist/dashboard/assets/`, if that is not
 * done yet.
 *
 * A program that starts meanwhile must find every file: the compiler writes beside `dist/`, and each
 * file that differs is then moved over its old version in one step.
 */

import { createHash } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { root } from '../root.mjs'
import { capture } from './capture.mjs'
import { locked } from './lock.mjs'
import { toolEnvironment } from './project-node.mjs'

const dist = join(root, 'dist')
/** Where the pages are made; all of it counts, its tests of types included. */
const pages = 'dashboard-app'
const workshop = join(root, '.data')
const stampFile = join(workshop, 'build.json')

/**
 * @param {string} node
 * @throws Error if the sources do not compile; the compiler's words have been printed then.
 */
export async function ensureBuilt(node) {
  if (isBuilt()) return
  await locked(async () => {
    if (!isBuilt()) await build(node)
  })
}

/** @param {string} node */
async function build(node) {
  const began = Date.now()
  const sources = fingerprint()
  const fresh = join(workshop, `dist-${process.pid}`)
  rmSync(fresh, { recursive: true, force: true })
  try {
    const args = ['-p', 'tsconfig.json', '--outDir', fresh]
    const { ok, output } = await capture('tsc', args, { env: toolEnvironment(node) })
    if (!ok) {
      console.error(output)
      throw new Error('The sources do not compile; the reasons stand above.')
    }
    await buildPages(node, join(fresh, 'dashboard', 'assets'))
    moveOver(fresh)
    writeFileSync(stampFile, JSON.stringify({ sources, built: filesIn(dist) }))
  } finally {
    rmSync(fresh, { recursive: true, force: true })
  }
  console.error(`Built dist/ in ${((Date.now() - began) / 1000).toFixed(1)} s.`)
}

/**
 * @param {string} node
 * @param {string} folder
 */
async function buildPages(node, folder) {
  const env = toolEnvironment(node)
  const { ok, output } = await capture(node, [join(pages, 'build.mjs'), folder], { env })
  if (ok) return
  console.error(output)
  throw new Error('The dashboard does not build; the reasons stand above.')
}

function isBuilt() {
  if (!existsSync(stampFile)) return false
  const { sources, built } = JSON.parse(readFileSync(stampFile, 'utf8'))
  return sources === fingerprint() && JSON.stringify(filesIn(dist)) === JSON.stringify(built)
}

/** Of all that the build depends on. */
function fingerprint() {
  const hash = createHash('sha256')
  const sources = namesIn(join(root, 'src')).filter((name) => !name.endsWith('.test.ts'))
  const ofPages = namesIn(join(root, pages)).filter((name) => !name.includes('node_modules'))
  const names = [
    ...sources.map((name) => join('src', name)),
    ...ofPages.map((name) => join(pages, name)),
    'tsconfig.json',
  ]
  for (const name of names) {
    hash
      .update(`${name}\0`)
      .update(readFileSync(join(root, name)))
      .update('\0')
  }
  for (const tool of ['typescript', 'esbuild', 'preact', 'uplot']) {
    hash.update(readFileSync(join(root, 'node_modules', tool, 'package.json')))
  }
  return hash.digest('hex')
}

/**
 * Moves a finished build into `dist/`.
 *
 * @param {string} fresh
 */
function moveOver(fresh) {
  const names = namesIn(fresh)
  for (const name of names) {
    const to = join(dist, name)
    const from = join(fresh, name)
    if (name.endsWith('.map')) relocate(from)
    if (existsSync(to) && readFileSync(to).equals(readFileSync(from))) continue
    mkdirSync(dirname(to), { recursive: true })
    renameSync(from, to)
  }
  const kept = new Set(names)
  for (const name of namesIn(dist)) if (!kept.has(name)) rmSync(join(dist, name))
}

/**
 * Maps name their sources relative to themselves, and the compiler wrote one folder deeper.
 *
 * @param {string} map
 */
function relocate(map) {
  writeFileSync(map, readFileSync(map, 'utf8').replaceAll('../../src/', '../src/'))
}

/**
 * Each file with a digest, so that a build spoilt by hand is noticed.
 *
 * @param {string} folder
 */
function filesIn(folder) {
  return namesIn(folder).map((name) => {
    const content = readFileSync(join(folder, name))
    return [name, createHash('sha256').update(content).digest('hex')]
  })
}

/**
 * @param {string} folder
 * @returns {string[]} Paths below the folder, sorted; none if there is no such folder.
 */
function namesIn(folder) {
  if (!existsSync(folder)) return []
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => statSync(join(folder, name)).isFile())
    .sort()
}
