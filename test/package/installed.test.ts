/**
 * What somebody gets who installs the package: its content, its types, and the way that the README leads
 * through it from an empty folder.
 */

import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { checkTypes, programOfDoors, versionOf } from '../../compat/src/check-types.ts'
import {
  type CleanFolder,
  emptyFolder,
  type PackedPackage,
  packPackage,
  ROOT,
} from '../../compat/src/pack-package.ts'
import { doorsOf, specifierOf } from '../../compat/src/probe-door.ts'
import { type Step, stepsOfPage, takeStep } from '../../compat/src/walk-page.ts'
import { splitComments } from '../../scripts/checks/split-comments.mjs'
import type { RedisServer } from '../servers/redis-server.ts'
import { startRedis } from '../servers/start-redis.ts'
import { blocksOfPage } from './code-blocks.ts'

const readme = readFileSync(join(ROOT, 'README.md'), 'utf8')
const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))
const peers = Object.keys(manifest.peerDependencies)

const steps = stepsOfPage(readme)

let packed: PackedPackage
/** Where somebody goes through the README, from nothing at all. */
let newcomer: CleanFolder
let server: RedisServer

beforeAll(async () => {
  packed = packPackage()
  newcomer = emptyFolder()
  server = await startRedis()
  // All else needs that it is installed; whoever follows the page does that first.
  take(steps[0])
})

afterAll(async () => {
  await server[Symbol.asyncDispose]()
  newcomer[Symbol.dispose]()
  packed[Symbol.dispose]()
})

/** A file of the installed package. */
function text(file: string): string {
  return readFileSync(join(newcomer.folder, 'node_modules', 'tiercel', file), 'utf8')
}

/** One step of the README, as it stands there. */
function take(step: Step | undefined): void {
  if (step === undefined) throw new Error('The README asks for nothing.')
  takeStep(
    {
      folder: newcomer.folder,
      tarball: packed.tarball,
      redisUrl: `redis://127.0.0.1:${server.port}`,
      link: (name) => newcomer.link(name),
    },
    step,
  )
}

describe('the packed package', () => {
  test('holds what is used and what explains it, and nothing else', () => {
    const places = new Set(packed.files.map((file) => file.replace(/\/.*/, '/')))
    expect([...places].sort()).toEqual([
      ...['CHANGELOG.md', 'LICENSE', 'README.md', 'SECURITY.md'],
      ...['dist/', 'grafana/', 'package.json', 'schema/', 'src/'],
    ])
    const odd = packed.files.filter((file) =>
      /\.test\.|\.test-d\.|\.tsbuildinfo$|(^|\/)\./.test(file),
    )
    expect(odd).toEqual([])
  })

  test('stays within its size, sources and maps for debuggers included', () => {
    expect(packed.sizeBytes).toBeLessThan(2_600_000)
    expect(packed.unpackedBytes).toBeLessThan(11_000_000)
  })

  test('has every file that `exports` and `bin` name', () => {
    const named = targetsOf([manifest.exports, manifest.bin])
    expect(named.length).toBeGreaterThan(2 * doorsOf(manifest).length)
    expect(named.filter((file) => !packed.files.includes(file))).toEqual([])
  })

  test('leads from each built file to its source, without a word of where it was built', () => {
    const maps = packed.files.filter((file) => file.endsWith('.map'))
    expect(maps.length).toBeGreaterThan(100)
    const missing = maps.flatMap((file) =>
      JSON.parse(text(file)).sources.filter(
        (source: string) => !packed.files.includes(join(file, '..', source)),
      ),
    )
    expect(missing).toEqual([])
    const telling = packed.files.filter((file) => text(file).includes(ROOT.replace(/\/$/, '')))
    expect(telling).toEqual([])
  })

  test('imports Node and its peers alone, also where it imports later', () => {
    const imports = /\b(?:from|import)\s*\(?\s*(?:'([@\w][\w@/:.-]*)'|"([@\w][\w@/:.-]*)")/g
    const asked = packed.files
      .filter((file) => /^dist\/(?!dashboard\/assets).*\.js$/.test(file))
      .flatMap((file) => [...splitComments(text(file)).code.matchAll(imports)])
      .map(([, single, double]) => single ?? double ?? '')
    const others = new Set(asked.filter((name) => !name.startsWith('node:')))
    expect([...others].sort()).toEqual([...peers].sort())
  })
})

describe('the README', () => {
  test('begins by installing the package', () => {
    expect(steps[0]).toMatchObject({ kind: 'install' })
    expect(installedBeside()).toEqual([])
    expect(steps.filter(({ kind }) => kind === 'program').length).toBeGreaterThan(3)
  })

  test('is refused where it asks for what nobody tries', () => {
    expect(() => stepsOfPage('```sh\ncurl http://127.0.0.1\n```\n')).toThrow(
      'Nobody knows how to try',
    )
  })

  // In their order, and each after the one before it: they share a folder, as they do for a person.
  test.each(steps.slice(1).map((step) => [step.line, step.what, step] as const))(
    'leads on in line %d: %s',
    (_, __, step: Step) => {
      if (step.kind === 'of the checkout') expect(scriptOf(step.code)).toBeDefined()
      take(step)
    },
  )
})

describe('its types', () => {
  const programs = {
    doors: programOfDoors(doorsOf(manifest).map(specifierOf)),
    ...Object.fromEntries(
      blocksOfPage('README.md', readme).map(({ code }, at) => [`readme-${at}`, code]),
    ),
    // Were there no types, nothing would be wrong here, and the comment one too many.
    wrong: "import { createCache } from 'tiercel'\n// @ts-expect-error\ncreateCache({ name: 7 })",
  }
  // What the programs of the README import was installed by it.
  beforeAll(() => newcomer.link('@types/node', ...peers))

  test.concurrent.each(['5.9', '7'] as const)(
    'hold for a strict user of TypeScript %s, and are there',
    async (typescript) => {
      expect(versionOf(typescript).startsWith(`${typescript}.`)).toBe(true)
      const output = await checkTypes(newcomer.folder, typescript, 'a service on Node', programs)
      expect(output).toBe('')
    },
  )
})

test('the command line is started by npx, prints SQL and configuration, and ends with a code that says how it went', () => {
  const run = (command: string, ...args: readonly string[]) =>
    spawnSync(command, args, { cwd: newcomer.folder, encoding: 'utf8' })
  // What npx starts in the end; it takes longer than all that it starts here.
  const tiercel = (...args: readonly string[]) => run('node_modules/.bin/tiercel', ...args)
  const help = run('npx', '--offline', 'tiercel', '--help')
  expect(help.stdout).toContain('Usage: tiercel <command>')
  const printed = tiercel('sql', 'outbox', '--table', 'products')
  expect(printed.status).toBe(0)
  expect(printed.stdout).toMatch(/^BEGIN;\n/)
  expect(printed.stdout).toContain('CREATE TRIGGER')
  expect(printed.stdout).toMatch(/\nCOMMIT;\n$/)

  const wrong = tiercel('sql', 'outbox', '--table', 'odd name')
  expect([wrong.status, wrong.stdout]).toEqual([2, ''])
  expect(wrong.stderr).toContain('Expected `collection`')

  // What it reads beside its own code is published too.
  const config = tiercel('doctor', '--print-config')
  expect(config.status).toBe(0)
  expect(config.stdout).toMatch(/^memory\.entries +10000 +default$/m)
  const away = tiercel('stats', '--url', 'http://127.0.0.1:1', '--json')
  expect([away.status, JSON.parse(away.stderr).error.code]).toEqual([3, 'unreachable'])
})

/** What is in the newcomer's `node_modules` and is not ours. */
function installedBeside(): string[] {
  const names = readdirSync(join(newcomer.folder, 'node_modules'))
  return names.filter((name) => !name.startsWith('.') && name !== 'tiercel')
}

/** The files that these parts of `package.json` lead to. */
function targetsOf(part: unknown): string[] {
  if (typeof part === 'string') return [part.replace(/^\.\//, '')]
  return Object.values(part as object).flatMap(targetsOf)
}

/** What `package.json` runs for `npm start` or `npm run faults -- --minutes 1`. */
function scriptOf(command: string): string | undefined {
  const [, first = '', second = ''] = command.split(/\s+/)
  return manifest.scripts[first === 'run' ? second : first]
}
