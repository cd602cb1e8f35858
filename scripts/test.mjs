/**
 * Runs the tests and closes with one line that people and programs can read: `N passed, N failed`.
 *
 * Called by `run.mjs` with vitest's own arguments. The counts come from vitest's report, not from its
 * words. An error outside of every test, or a threshold missed, counts as one failure.
 */

import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { quickFolder } from './quick-folder.mjs'
import { root } from './root.mjs'

/** @typedef {{ status: string, assertionResults: { status: string }[] }} FileReport */

const folder = join(root, 'node_modules', '.cache', 'tiercel')
const report = join(folder, `tests-${process.pid}.json`)

/** @param {readonly string[]} args */
function runVitest(args) {
  mkdirSync(folder, { recursive: true })
  const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs')
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
  const { env, remove } = quickFolder(process.env)
  try {
    const { status } = spawnSync(process.execPath, [vitest, 'run', ...reporters, ...args], {
      cwd: root,
      stdio: 'inherit',
      env,
    })
    return status ?? 1
  } finally {
    remove()
  }
}

/**
 * A file that could not be loaded counts as one failure, since its tests are not known.
 *
 * @returns {{ passed: number, failed: number }}
 */
function count() {
  if (!existsSync(report)) return { passed: 0, failed: 0 }
  /** @type {{ testResults: FileReport[] }} */
  const { testResults } = JSON.parse(readFileSync(report, 'utf8'))
  const tests = testResults.flatMap((file) => file.assertionResults)
  const failedTests = tests.filter(({ status }) => status === 'failed').length
  const unloaded = testResults.filter(
    (file) =>
      file.status === 'failed' && !file.assertionResults.some(({ status }) => status === 'failed'),
  ).length
  const passed = tests.filter(({ status }) => status === 'passed').length
  return { passed, failed: failedTests + unloaded }
}

// vitest shares our group and ends by the same signal; the closing line is still ours to print.
process.on('SIGINT', () => {})
process.on('SIGTERM', () => {})

const status = runVitest(process.argv.slice(2))
const { passed, failed } = count()
rmSync(report, { force: true })
const reported = status !== 0 && failed === 0 && passed > 0 ? 1 : failed
process.exitCode = status === 0 && failed === 0 && passed > 0 ? 0 : 1
console.log(`${passed} passed, ${reported} failed`)
