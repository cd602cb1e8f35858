/** What the commands do before they run anything: one at a time, once, and without a gap in `dist/`. */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync, rmSync, statSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { type PlantedTree, plantedTree } from './planted-tree.ts'

/** Holds the lock for a moment, and writes down when it came and went. */
const holder = `
import { appendFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { locked } from './scripts/bootstrap/lock.mjs'
await locked(async () => {
  appendFileSync('held.log', 'in ')
  await sleep(30)
  appendFileSync('held.log', 'out ')
})`

/** Of the sources, only those that need no others: what a build does has nothing to do with how many there are. */
function treeWithFewSources(): PlantedTree {
  const tree = plantedTree({ dist: 'none' })
  for (const room of readdirSync(join(tree.folder, 'src'))) {
    if (room !== 'contracts') rmSync(join(tree.folder, 'src', room), { recursive: true })
  }
  return tree
}

async function hold(tree: PlantedTree): Promise<number> {
  const args = ['--input-type=module', '-e', holder]
  const child = spawn(process.execPath, args, { cwd: tree.folder, stdio: 'ignore' })
  const [code]: number[] = await once(child, 'exit')
  return code ?? -1
}

test('several runs hold the lock one after the other, and leave nothing behind', async () => {
  using tree = plantedTree({ dist: 'none' })
  const codes = await Promise.all([hold(tree), hold(tree), hold(tree), hold(tree)])

  expect(codes).toEqual([0, 0, 0, 0])
  expect(readFileSync(join(tree.folder, 'held.log'), 'utf8')).toBe('in out '.repeat(4))
  expect(existsSync(join(tree.folder, '.data/bootstrap.lock'))).toBe(false)
})

test('a lock that was left behind is taken over, by one of those who wait', async () => {
  using tree = plantedTree({ dist: 'none' })
  tree.plant('.data/bootstrap.lock', 'somebody')
  const longAgo = new Date(Date.now() - 60_000)
  utimesSync(join(tree.folder, '.data/bootstrap.lock'), longAgo, longAgo)
  await Promise.all([hold(tree), hold(tree), hold(tree)])

  expect(readFileSync(join(tree.folder, 'held.log'), 'utf8')).toBe('in out '.repeat(3))
})

test('a build writes only what differs, and removes what has no source any more', () => {
  using tree = treeWithFewSources()
  const dist = (file: string): string => join(tree.folder, 'dist', file)
  const build = (): string => tree.run('node', 'scripts/run.mjs', 'build').output
  build()
  const untouched = statSync(dist('contracts/errors.js')).mtimeMs
  expect(build()).toBe('')

  tree.plant('src/memory/planted.ts', 'export const planted = 1')
  expect(build()).toContain('Built dist/')
  expect(statSync(dist('contracts/errors.js')).mtimeMs).toBe(untouched)
  const map = JSON.parse(readFileSync(dist('memory/planted.js.map'), 'utf8'))
  expect(map.sources).toEqual(['../../src/memory/planted.ts'])

  tree.remove('src/memory/planted.ts')
  build()
  expect(existsSync(dist('memory/planted.js'))).toBe(false)

  rmSync(dist('contracts/errors.js'))
  expect(build()).toContain('Built dist/')
  expect(existsSync(dist('contracts/errors.js'))).toBe(true)
})

test('sources that do not compile leave the last build as it is', () => {
  using tree = treeWithFewSources()
  tree.run('node', 'scripts/run.mjs', 'build')
  tree.plant('src/memory/planted.ts', "export const planted: number = 'text'")

  const { ok, output } = tree.run('node', 'scripts/run.mjs', 'build')
  expect(ok).toBe(false)
  expect(output).toContain('src/memory/planted.ts(1,14)')
  expect(existsSync(join(tree.folder, 'dist/memory/planted.js'))).toBe(false)
  expect(existsSync(join(tree.folder, 'dist/contracts/errors.js'))).toBe(true)
})

test('a signal that arrives twice at once reaches the program once, and its exit code comes back', async () => {
  using tree = treeWithFewSources()
  tree.plant(
    'bench/src/main.ts',
    'let signals = 0',
    "process.on('SIGINT', () => {",
    '  signals += 1',
    '  if (signals === 1) setTimeout(() => process.exit(40 + signals), 300)',
    '})',
    "console.log('ready')",
    'setInterval(() => {}, 1000)',
  )
  const child = spawn(process.execPath, ['scripts/run.mjs', 'bench'], { cwd: tree.folder })
  const exited = once(child, 'exit')
  while (!String(await once(child.stdout, 'data')).includes('ready')) {
    // What is printed before is about the build.
  }
  child.kill('SIGINT')
  child.kill('SIGINT')
  // The second may be merged with the first by the system; a later one is told apart by time alone.
  setTimeout(() => child.kill('SIGINT'), 100)

  expect(await exited).toEqual([41, null])
})
