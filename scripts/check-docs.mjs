/**
 * Checks what documentation states against what is: every default equals the value in `DEFAULTS`,
 * and every link within the repository leads somewhere.
 *
 * Defaults are stated by `@default` lines in `src/contracts/`, and by tables in Markdown whose header
 * has a column `option` and a column `default`. That examples run is a test, `test/package/docs.test.ts`.
 */

import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DEFAULTS } from '../src/core/defaults.ts'
import { brokenLinks } from './checks/broken-links.mjs'
import { compareDefault } from './checks/compare-default.mjs'
import { statedInDocstrings, statedInTables } from './checks/stated-defaults.mjs'
import { root } from './root.mjs'

const contracts = globSync('src/contracts/*.ts', { cwd: root }).sort()
const pages = globSync(['*.md', 'docs/**/*.md', 'examples/*/*.md', 'bench/*.md'], {
  cwd: root,
}).sort()

const stated = [
  ...contracts.flatMap((file) => statedInDocstrings(file, read(file))),
  ...pages.flatMap((file) => statedInTables(file, read(file))),
]
const problems = [
  ...(stated.length === 0
    ? ['No default was found in src/contracts/: the check sees nothing.']
    : []),
  ...stated.flatMap((statement) => compareDefault(statement, DEFAULTS)),
  ...pages.flatMap((file) => brokenLinks(root, file)),
]
for (const problem of problems) console.log(problem)
process.exitCode = problems.length === 0 ? 0 : 1

/** @param {string} file */
function read(file) {
  return readFileSync(join(root, file), 'utf8')
}
