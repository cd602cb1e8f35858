/**
 * The whole gate but the tests: every check, cheap to dear, each with its time.
 *
 * Called by `run.mjs`. With names as arguments it runs only these, and what they stand on. All of
 * them run even if one fails; the output of those that passed is not shown.
 */

import { globSync } from 'node:fs'
import { ensureBuilt } from './bootstrap/build.mjs'
import { capture } from './bootstrap/capture.mjs'
import { root } from './root.mjs'

/**
 * @typedef {object} Check
 * @property {string} name
 * @property {string} [needs] The check that must have passed before.
 * @property {readonly (readonly string[])[]} [commands] Run one after the other until one fails.
 * @property {() => Promise<void>} [task] In their place.
 */

/** Each workspace has a tsconfig of its own; `check-layout.mjs` sees to that. Scripts of pages have theirs. */
const workspaceTypes = globSync(
  [
    '{dashboard-app,bench,compat,examples/*,scripts/*}/tsconfig.json',
    'examples/*/src/*/page/tsconfig.json',
  ],
  { cwd: root },
)
  .sort()
  .map((file) => ['tsc', '--noEmit', '-p', file])

/** @type {readonly Check[]} */
const checks = [
  { name: 'layout', commands: [['node', 'scripts/check-layout.mjs']] },
  { name: 'requirements', commands: [['node', 'scripts/check-requirements.mjs']] },
  { name: 'docs', commands: [['node', 'scripts/check-docs.mjs']] },
  { name: 'api', commands: [['node', 'scripts/api-reference/main.mjs', '--check']] },
  { name: 'lint', commands: [['biome', 'check', '--error-on-warnings', '.']] },
  { name: 'build', task: () => ensureBuilt(process.execPath) },
  {
    name: 'types',
    needs: 'build',
    commands: [
      ['tsc', '-p', 'tsconfig.core.json'],
      ['tsc', '-p', 'tsconfig.test.json'],
      ['tsc', '-p', 'tsconfig.scripts.json'],
      ...workspaceTypes,
    ],
  },
  {
    name: 'rooms',
    commands: [['depcruise', 'src', '--config', '.dependency-cruiser.mjs', '--no-progress']],
  },
  { name: 'unused', commands: [['knip', '--treat-config-hints-as-errors']] },
  {
    name: 'packaging',
    needs: 'build',
    commands: [
      ['publint', '--strict'],
      ['attw', '--pack', '.', '--profile', 'esm-only', '--quiet'],
      ['size-limit'],
    ],
  },
]

/**
 * @param {readonly string[]} names
 * @returns {readonly Check[]}
 */
function select(names) {
  if (names.length === 0) return checks
  const unknown = names.filter((name) => !checks.some((check) => check.name === name))
  if (unknown.length > 0) {
    const known = checks.map(({ name }) => name).join(', ')
    throw new Error(`There is no check \`${unknown[0]}\`; there are ${known}.`)
  }
  const needed = checks.filter(({ name }) => names.includes(name)).map(({ needs }) => needs)
  return checks.filter(({ name }) => names.includes(name) || needed.includes(name))
}

/**
 * @param {Check} check
 * @returns {Promise<boolean>}
 */
async function passes({ commands = [], task }) {
  if (task !== undefined) {
    try {
      await task()
    } catch (error) {
      console.log(error instanceof Error ? error.message : error)
      return false
    }
  }
  for (const [command = '', ...args] of commands) {
    const { ok, output } = await capture(command, args)
    if (ok) continue
    console.log(`\n${[command, ...args].join(' ')}\n${output}`)
    return false
  }
  return true
}

/** @param {number} began Of `performance.now()`. */
function secondsSince(began) {
  return `${((performance.now() - began) / 1000).toFixed(1)} s`
}

/** @param {readonly string[]} names */
async function main(names) {
  const began = performance.now()
  /** @type {Map<string, 'passed' | 'failed' | 'left out'>} */
  const outcomes = new Map()
  for (const check of select(names)) {
    const checkBegan = performance.now()
    const stands = check.needs === undefined || outcomes.get(check.needs) === 'passed'
    const outcome = stands ? ((await passes(check)) ? 'passed' : 'failed') : 'left out'
    outcomes.set(check.name, outcome)
    const mark = outcome === 'passed' ? '✔' : '✘'
    const reason = stands ? secondsSince(checkBegan) : `left out, needs ${check.needs}`
    console.log(`${mark} ${check.name.padEnd(14)}${reason}`)
  }
  const wrong = [...outcomes].filter(([, outcome]) => outcome !== 'passed').map(([name]) => name)
  const total = `${outcomes.size} checks in ${secondsSince(began)}`
  console.log(
    wrong.length === 0 ? `${total}, all passed.` : `${total}, failed: ${wrong.join(', ')}.`,
  )
  return wrong.length === 0
}

try {
  process.exitCode = (await main(process.argv.slice(2))) ? 0 : 1
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 2
}
