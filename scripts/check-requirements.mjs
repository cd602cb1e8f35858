/**
 * Checks that `docs/requirements.md` tells the truth: each capability it claims names tests, and these
 * tests exist.
 *
 * The page has a table `| id | capability | shown by |`. "Shown by" holds one or more
 * `` `path/to/file.test.ts › test title` ``; titles of `describe` may stand between. The ids that are
 * not covered are listed under "Not there yet".
 */

import { existsSync, globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { splitComments } from './checks/split-comments.mjs'
import { root } from './root.mjs'

const page = 'docs/requirements.md'

/** How many ids each letter has; `CO-` are the guarantees of coherence. */
const numbered = {
  P: 9,
  T: 7,
  X: 6,
  S: 7,
  I: 10,
  B: 5,
  K: 3,
  W: 4,
  V: 4,
  M: 7,
  H: 7,
  E: 8,
  'CO-': 12,
}

/** What this release promises. An id is never taken back to "Not there yet". */
const promised = [
  ...[
    'P1',
    'P2',
    'P3',
    'P4',
    'P5',
    'P6',
    'P7',
    'P8',
    'P9',
    'W1',
    'W2',
    'W3',
    'W4',
    'T1',
    'T2',
    'T3',
    'T4',
    'T5',
    'T6',
    'T7',
    'H1',
    'H2',
    'H3',
    'H4',
    'H5',
    'H6',
    'H7',
    'M1',
    'M2',
    'M3',
    'M4',
    'M5',
    'M6',
    'M7',
  ],
  ...['X1', 'X2', 'X3', 'X4', 'X5', 'X6', 'V1', 'V2', 'E2', 'E3', 'E4'],
  ...['S1', 'S2', 'S3', 'S4', 'S5', 'S6', 'S7', 'B1', 'B2', 'B3', 'B4', 'B5', 'K1', 'K2', 'K3'],
  ...['I1', 'I2', 'I3', 'I4', 'I5', 'I6', 'I7', 'I8', 'I9', 'I10', 'V3', 'V4', 'E1', 'E7'],
  ...Array.from({ length: numbered['CO-'] }, (_, index) => `CO-${index + 1}`),
]

/** @typedef {{ id: string, capability: string, shownBy: string[], rest: string }} Row */

const text = readFileSync(join(root, page), 'utf8')
const [covered = '', pending = ''] = text.split(/^## Not there yet$/m)
const rows = rowsOf(covered)
const problems = [...idProblems(), ...rows.flatMap(rowProblems)]
for (const problem of problems) console.log(`${page}: ${problem}`)
process.exitCode = problems.length === 0 ? 0 : 1

/**
 * @param {string} part
 * @returns {Row[]}
 */
function rowsOf(part) {
  return part.split('\n').flatMap((line) => {
    const match = /^\|\s*((?:CO-|[A-Z])\d+)\s*\|(.*)\|(.*)\|\s*$/.exec(line)
    if (match === null) return []
    const [, id = '', capability = '', cell = ''] = match
    const shownBy = [...cell.matchAll(/`([^`]+)`/g)].map(([, reference = '']) => reference)
    const rest = cell.replaceAll(/`[^`]+`/g, '').replaceAll(/[\s,;]|<br>/g, '')
    return [{ id, capability: capability.trim(), shownBy, rest }]
  })
}

function idProblems() {
  const all = Object.entries(numbered).flatMap(([letter, count]) =>
    Array.from({ length: count }, (_, index) => `${letter}${index + 1}`),
  )
  const claimed = rows.map(({ id }) => id)
  const listed = [...claimed, ...(pending.match(/\b(?:CO-|[A-Z])\d+\b/g) ?? [])]
  return [
    ...all
      .filter((id) => listed.filter((other) => other === id).length !== 1)
      .map(
        (id) => `${id} stands ${listed.filter((other) => other === id).length} times, not once.`,
      ),
    ...promised
      .filter((id) => !claimed.includes(id))
      .map((id) => `${id} is missing from the table.`),
    ...listed.filter((id) => !all.includes(id)).map((id) => `${id} is no requirement.`),
  ]
}

/** @param {Row} row */
function rowProblems({ id, capability, shownBy, rest }) {
  return [
    ...(capability === '' ? [`${id} has no words.`] : []),
    ...(shownBy.length === 0 ? [`${id} names no test.`] : []),
    ...(rest === '' ? [] : [`${id} has words that are no test: ${rest}.`]),
    ...shownBy.flatMap((reference) => referenceProblems(reference).map((why) => `${id}: ${why}`)),
  ]
}

/** @param {string} reference */
function referenceProblems(reference) {
  const [file = '', ...titles] = reference.split(' › ')
  const title = titles.at(-1)
  if (title === undefined) return [`\`${reference}\` is not of the form \`file › title\`.`]
  if (!/\.test(-d)?\.ts$/.test(file) || !existsSync(join(root, file))) {
    return [`there is no test file ${file}.`]
  }
  const source = codeOf(file)
  const missing = titles.slice(0, -1).filter((name) => !names(source, 'describe', name))
  if (missing.length > 0)
    return [`${file} has no \`describe\` named ${JSON.stringify(missing[0])}.`]
  if (names(source, 'test', title) || isSuiteCase(source, title)) return []
  return [`${file} has no test named ${JSON.stringify(title)}.`]
}

/**
 * Suites are data: their titles are the names of cases in `src/testing/`, and the file only runs them.
 *
 * @param {string} source
 * @param {string} title
 */
function isSuiteCase(source, title) {
  if (!/from '[^']*testing[^']*'/.test(source)) return false
  const suites = globSync('src/testing/**/*.ts', { cwd: root })
  return suites.some((file) => names(codeOf(file), 'case', title))
}

/**
 * Whether the source names a test, a group of tests or a case of a suite exactly so.
 *
 * @param {string} source
 * @param {'test' | 'describe' | 'case'} kind
 * @param {string} title
 */
function names(source, kind, title) {
  const before = {
    test: String.raw`(?:\b(?:test|it)(?:\.\w+)*\(|\]\s*,?\s*\)\(|\)\()`,
    describe: String.raw`\bdescribe(?:\.\w+)*\(`,
    case: String.raw`(?:\bname:|\bcase\w*\(|\()`,
  }[kind]
  const quoted = ["'", '"', '`'].map((quote) => {
    const inside = title.replaceAll('\\', '\\\\').replaceAll(quote, `\\${quote}`)
    return `${quote}${inside.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')}${quote}`
  })
  return new RegExp(`${before}\\s*(?:${quoted.join('|')})`).test(source)
}

/** @param {string} file */
function codeOf(file) {
  return splitComments(readFileSync(join(root, file), 'utf8')).code
}
