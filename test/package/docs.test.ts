/**
 * Examples of documentation are programs: each is compiled and run against the built package, alone
 * in a folder of its own.
 */

import { spawnSync } from 'node:child_process'
import { globSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { blocksOfPage, blocksOfSource, type CodeBlock } from './code-blocks.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const read = (file: string): string => readFileSync(join(root, file), 'utf8')
const exampleMsMax = 20_000

const pages = globSync(['README.md', 'docs/**/*.md'], { cwd: root }).sort()
const sources = globSync('src/**/*.ts', { cwd: root }).sort()
const blocks: readonly CodeBlock[] = [
  ...pages.flatMap((file) => blocksOfPage(file, read(file))),
  ...sources.flatMap((file) => blocksOfSource(file, read(file))),
]
const programs = blocks.filter(({ noRun }) => noRun === undefined)

/** A folder outside of the repository in which `tiercel` is installed. */
function setup(): { folder: string } & Disposable {
  const folder = mkdtempSync(join(tmpdir(), 'tiercel-docs-'))
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
  return {
    folder,
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  }
}

/** Runs one program in the folder; what it prints is of interest only if it fails. */
function run(folder: string, code: string): { status: number | null; output: string } {
  writeFileSync(join(folder, 'example.ts'), code)
  const { status, stdout, stderr } = spawnSync(process.execPath, ['example.ts'], {
    cwd: folder,
    encoding: 'utf8',
    timeout: exampleMsMax,
  })
  return { status, output: stdout + stderr }
}

/** Compiles programs together under the strictest settings that users may have. */
function compile(folder: string, codes: readonly string[]): string {
  for (const [index, code] of codes.entries()) {
    // An example is a module even if it happens to import nothing.
    writeFileSync(join(folder, `example-${index}.ts`), `${code}\nexport {}\n`)
  }
  const compilerOptions = {
    ...{ target: 'es2024', module: 'nodenext', strict: true, noEmit: true, types: ['node'] },
    ...{ lib: ['es2024', 'esnext.disposable'], exactOptionalPropertyTypes: true },
    ...{ noUncheckedIndexedAccess: true, skipLibCheck: false },
  }
  writeFileSync(
    join(folder, 'tsconfig.json'),
    JSON.stringify({ compilerOptions, include: ['example-*.ts'] }),
  )
  const tsc = join(root, 'node_modules', '.bin', 'tsc')
  return spawnSync(tsc, ['--pretty', 'false'], { cwd: folder, encoding: 'utf8' }).stdout
}

describe('examples', () => {
  test('those of README.md are found', () => {
    expect(programs.some(({ where }) => where.startsWith('README.md'))).toBe(true)
  })

  test.each(programs.map(({ where, code }) => [where, code] as const))('%s runs', (_, code) => {
    using place = setup()
    expect(run(place.folder, code)).toMatchObject({ status: 0 })
  })

  test('all of them compile for a strict user', () => {
    using place = setup()
    const output = compile(
      place.folder,
      programs.map(({ code }) => code),
    )
    const named = output.replaceAll(
      /example-(\d+)\.ts/g,
      (_, index) => programs[index]?.where ?? '',
    )
    expect(named).toBe('')
  })
})

describe('the runner', () => {
  test('an example that throws fails', () => {
    using place = setup()
    expect(run(place.folder, "throw new Error('planted')").status).not.toBe(0)
  })

  test('an example with a wrong type fails', () => {
    using place = setup()
    expect(compile(place.folder, ["const a: number = 'planted'"])).toContain('example-0.ts')
  })

  test('blocks are told apart by the words after their language', () => {
    const page = [
      ...['```ts', 'const a = 1', '```', '```ts continue', 'log(a)', '```'],
      ...['```ts no-run needs a server', 'connect()', '```', '```json', '{}', '```'],
    ].join('\n')

    expect(blocksOfPage('a.md', page)).toEqual([
      { where: 'a.md:1', code: 'const a = 1\n', noRun: undefined },
      { where: 'a.md:4', code: 'const a = 1\nlog(a)\n', noRun: undefined },
      { where: 'a.md:7', code: 'connect()\n', noRun: 'needs a server' },
    ])
    expect(() => blocksOfPage('a.md', '```ts no-run\na\n```')).toThrow('with a reason')
  })

  test('an example of a docstring ends at the next tag', () => {
    const source =
      '/**\n * Adds.\n *\n * @example\n * ```ts\n * add(1)\n * ```\n * @throws never\n */'
    expect(blocksOfSource('a.ts', source)).toEqual([
      { where: 'a.ts:4', code: '\nadd(1)\n\n', noRun: undefined },
    ])
  })
})
