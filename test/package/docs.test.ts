/**
 * Examples of documentation are programs: each is compiled and run against the built package, alone
 * in a folder of its own; those that need a Redis or a PostgreSQL, with one. Those that need more are compiled.
 */

import { execFile, spawnSync } from 'node:child_process'
import { globSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { transformSync } from '@swc/core'
import { describe, expect, test } from 'vitest'
import { startPostgres } from '../servers/start-postgres.ts'
import { startRedis } from '../servers/start-redis.ts'
import { blocksOfPage, blocksOfSource, type CodeBlock } from './code-blocks.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const read = (file: string): string => readFileSync(join(root, file), 'utf8')
const exampleMsMax = 20_000

// The reference repeats the examples of docstrings, which are run where they stand.
const pages = globSync(['README.md', 'docs/**/*.md'], {
  cwd: root,
  exclude: ['docs/api/**'],
}).sort()
const sources = globSync('src/**/*.ts', { cwd: root }).sort()
const blocks: readonly CodeBlock[] = [
  ...pages.flatMap((file) => blocksOfPage(file, read(file))),
  ...sources.flatMap((file) => blocksOfSource(file, read(file))),
]
const programs = blocks.filter(({ noRun }) => noRun === undefined)
/** With the address of one in them, at its usual port. */
const redisPrograms = blocks.filter(({ noRun }) => noRun === 'needs a server')
const redisPort = '6379'
/** These ask the environment where it is, and find it empty. */
const postgresPrograms = blocks.filter(({ noRun }) => noRun === 'needs a PostgreSQL server')

/** Two at a time: more would have to wait for a core, and some have times in them. */
const lanes: Promise<unknown>[] = [Promise.resolve(), Promise.resolve()]
let turns = 0

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

/** `run`, as soon as a lane is free. */
function runInTurn(folder: string, code: string): ReturnType<typeof run> {
  const lane = turns % lanes.length
  turns += 1
  const ran = (lanes[lane] ?? Promise.resolve()).then(() => run(folder, code))
  lanes[lane] = ran
  return ran
}

/** Runs one program in the folder; what it prints is of interest only if it fails. */
function run(
  folder: string,
  code: string,
  variables: Readonly<Record<string, string>> = {},
): Promise<{ status: unknown; output: string }> {
  writeFileSync(join(folder, 'example.ts'), decorated.test(code) ? withoutDecorators(code) : code)
  const compiled = join(root, 'node_modules/.cache/node-compile')
  const env = { ...process.env, NODE_COMPILE_CACHE: compiled, ...variables }
  const options = { cwd: folder, env, timeout: exampleMsMax }
  return new Promise((resolve) => {
    execFile(process.execPath, ['example.ts'], options, (error, stdout, stderr) => {
      resolve({
        status: error === null ? 0 : (error.code ?? error.signal),
        output: stdout + stderr,
      })
    })
  })
}

const decorated = /^ *@\w+\(/m

/** As compilers write them: Node does not read decorators yet. */
function withoutDecorators(code: string): string {
  const parser = { syntax: 'typescript', decorators: true } as const
  const transform = { decoratorVersion: '2022-03' } as const
  return transformSync(code, { jsc: { target: 'es2022', parser, transform } }).code
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

  const named = programs.map(({ where, code }) => [where, code] as const)
  test.concurrent.each(named)('%s runs', async (_, code) => {
    using place = setup()
    const { status, output } = await runInTurn(place.folder, code)
    expect(status, output).toBe(0)
  })

  test.each(redisPrograms.map(({ where, code }) => [where, code] as const))(
    '%s runs on a Redis',
    async (_, code) => {
      await using server = await startRedis()
      using place = setup()
      expect(code).toContain(redisPort)
      const here = code.replaceAll(redisPort, String(server.port))
      const { status, output } = await run(place.folder, here)
      expect(status, output).toBe(0)
    },
  )

  test.each(postgresPrograms.map(({ where, code }) => [where, code] as const))(
    '%s runs on a PostgreSQL',
    async (_, code) => {
      await using server = await startPostgres()
      using place = setup()
      const { status, output } = await run(place.folder, code, { DATABASE_URL: server.url })
      expect(status, output).toBe(0)
    },
  )

  test('all of them compile for a strict user, those too that are not run', () => {
    using place = setup()
    const output = compile(
      place.folder,
      blocks.map(({ code }) => code),
    )
    // What other packages say of themselves is theirs.
    const ours = output.split('\n').filter((line) => !/^\S*node_modules\//.test(line))
    const named = ours
      .join('\n')
      .replaceAll(/example-(\d+)\.ts/g, (_, index) => blocks[index]?.where ?? '')
    expect(named.trim()).toBe('')
  })
})

describe('the runner', () => {
  test('an example that throws fails', async () => {
    using place = setup()
    expect((await run(place.folder, "throw new Error('planted')")).status).not.toBe(0)
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
