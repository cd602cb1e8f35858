/**
 * What `npm start`, `npm test` and the other commands of package.json run.
 *
 * It may be the first thing that ever runs in a fresh clone, on any Node from 20 on, so this file and
 * `bootstrap/` use nothing but Node itself: they install and build what is missing, and then run the
 * real program on the Node that the project brings.
 */

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { ensureBuilt } from './bootstrap/build.mjs'
import { ensureInstalled } from './bootstrap/install.mjs'
import { launch } from './bootstrap/launch.mjs'
import { projectNode, toolEnvironment } from './bootstrap/project-node.mjs'
import { ensureSystemPackages } from './bootstrap/system-packages.mjs'
import { root } from './root.mjs'

/** @typedef {{ program: string, args?: readonly string[], build?: boolean, system?: boolean }} Command */

/** @type {Readonly<Record<string, Command>>} */
const commands = {
  start: { program: 'examples/shop/src/main.ts', build: true },
  proxy: { program: 'examples/proxy/src/main.ts', build: true },
  test: { program: 'scripts/test.mjs', build: true, system: true },
  check: { program: 'scripts/check.mjs' },
  format: {
    program: 'node_modules/@biomejs/biome/bin/biome',
    args: ['check', '--write', '--error-on-warnings', '.'],
  },
  bench: { program: 'bench/src/main.ts', build: true, system: true },
  replay: { program: 'bench/src/replay.ts', build: true },
  load: { program: 'bench/src/load.ts', build: true, system: true },
  patterns: { program: 'bench/src/patterns.ts', build: true },
  simulate: { program: 'test/simulation/main.ts' },
  forecast: { program: 'test/forecast/main.ts' },
  faults: { program: 'test/faults/main.ts', system: true },
  crash: { program: 'test/crash/main.ts', system: true },
  inventory: { program: 'examples/shop/test/inventory-runs/main.ts', build: true, system: true },
  pictures: { program: 'test/dashboard/take-pictures.ts', build: true, system: true },
  api: { program: 'scripts/api-reference/main.mjs' },
  compat: { program: 'compat/src/main.ts', build: true },
  release: { program: 'scripts/prepare-release.mjs', build: true },
  build: { program: '', build: true },
}

/**
 * @param {string} name
 * @param {readonly string[]} rest
 * @returns {Promise<number>} The exit code.
 */
async function run(name, rest) {
  const command = commands[name]
  if (command === undefined) {
    console.error(`Usage: node scripts/run.mjs ${Object.keys(commands).join('|')} [arguments]`)
    return 2
  }
  await ensureInstalled()
  if (command.system) await ensureSystemPackages()
  const node = projectNode()
  if (command.build) await ensureBuilt(node)
  if (command.program === '') return 0
  const program = join(root, command.program)
  if (!existsSync(program)) throw new Error(`There is no ${command.program} to run.`)
  return launch(node, [program, ...(command.args ?? []), ...rest], toolEnvironment(node))
}

const [name = '', ...rest] = process.argv.slice(2)
try {
  process.exitCode = await run(name, rest)
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}
