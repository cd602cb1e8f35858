/**
 * The packed package as users have it: on each Node, with each TypeScript, under each kind of project.
 *
 *     npm run compat                  # all of it, in about a minute; the first time fetches Node
 *     npm run compat -- --node 22     # one Node, and no TypeScript
 *
 * Ends with 1 if something failed, and where a Node could not be had.
 */

import { execFile } from 'node:child_process'
import { copyFileSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs, promisify } from 'node:util'
import { blocksOfPage } from '../../test/package/code-blocks.ts'
import { bringNode } from './bring-node.ts'
import {
  checkTypes,
  NODE_TYPED,
  PROJECTS,
  type Project,
  programOfDoors,
  TYPESCRIPTS,
  type TypeScript,
  versionOf,
} from './check-types.ts'
import { type CleanFolder, cleanFolder, packPackage, ROOT } from './pack-package.ts'
import { doorsOf, probeDoor, specifierOf } from './probe-door.ts'

/** Of those that are supported, each until its end of life: see `docs/releases.md`. */
const NODES = [22, 24, 26]
const SUITES_MS_MAX = 3 * 60_000

interface Outcome {
  readonly what: string
  /** What there is to say of it where all is well. */
  readonly said: string
  readonly problems: readonly string[]
}

const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))
const specifiers = doorsOf(manifest).map(specifierOf)
const peers = Object.keys(manifest.peerDependencies)

async function onNode(line: number, { folder }: CleanFolder): Promise<Outcome> {
  const node = bringNode(line)
  if (node === undefined) {
    return { what: `Node ${line}`, said: '', problems: ['npm has none that runs here'] }
  }
  const problems: string[] = []
  for (const specifier of specifiers) {
    await probeDoor(folder, specifier, node.path).catch((error: Error) =>
      problems.push(`${specifier}: ${error.message}`),
    )
  }
  copyFileSync(new URL('run-suites.ts', import.meta.url), join(folder, 'run-suites.ts'))
  const args = ['--no-warnings', 'run-suites.ts']
  const options = { cwd: folder, timeout: SUITES_MS_MAX }
  const { stdout } = await promisify(execFile)(node.path, args, options)
  const { passed, failures } = JSON.parse(stdout)
  for (const { name, error } of failures) problems.push(`${name}: ${error}`)
  return {
    what: `Node ${node.version}`,
    said: `${specifiers.length} doors load, ${passed} cases of the suites pass`,
    problems,
  }
}

async function withTypeScript(typescript: TypeScript, { folder }: CleanFolder): Promise<Outcome[]> {
  const page = readFileSync(join(ROOT, 'README.md'), 'utf8')
  const blocks = blocksOfPage('README.md', page)
  const programs = {
    doors: programOfDoors(specifiers),
    ...Object.fromEntries(blocks.map(({ code }, at) => [`readme-${at}`, code])),
  }
  const outcomes: Outcome[] = []
  for (const project of Object.keys(PROJECTS) as Project[]) {
    const bare = PROJECTS[project].types.length === 0
    const seen = bare ? specifiers.filter((door) => !NODE_TYPED.includes(door)) : specifiers
    const compiled = bare ? { doors: programOfDoors(seen) } : programs
    const output = await checkTypes(folder, typescript, project, compiled)
    outcomes.push({
      what: `TypeScript ${versionOf(typescript)}, ${project}`,
      said: `${seen.length} doors${bare ? '' : ` and ${blocks.length} programs of the README`} compile`,
      problems: output === '' ? [] : [output],
    })
  }
  return outcomes
}

function tell({ what, said, problems }: Outcome): void {
  console.log(`${problems.length === 0 ? '✔' : '✘'} ${what.padEnd(48)}${said}`)
  for (const problem of problems) console.log(`  ${problem.replaceAll('\n', '\n  ')}`)
}

const { values } = parseArgs({ options: { node: { type: 'string', multiple: true } } })
using packed = packPackage()
using clean = cleanFolder(packed)
clean.link('@types/node', 'ioredis', ...peers)

let failed = 0
const note = (outcome: Outcome): void => {
  tell(outcome)
  if (outcome.problems.length > 0) failed += 1
}
for (const line of values.node?.map(Number) ?? NODES) note(await onNode(line, clean))
if (values.node === undefined) {
  for (const typescript of Object.keys(TYPESCRIPTS) as TypeScript[]) {
    for (const outcome of await withTypeScript(typescript, clean)) note(outcome)
  }
}
process.exitCode = failed === 0 ? 0 : 1
