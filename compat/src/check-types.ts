/** Compiles programs of users against the installed package, with the TypeScript that they may have. */

import { execFile } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from './pack-package.ts'

/** Each with the folder of its package, by the number that users ask for. */
export const TYPESCRIPTS = {
  '5.9': join(ROOT, 'compat', 'node_modules', 'typescript'),
  '7': join(ROOT, 'node_modules', 'typescript'),
} as const

export type TypeScript = keyof typeof TYPESCRIPTS

/** What stands in the user's own `tsconfig.json`, on top of the strictest settings that there are. */
export const PROJECTS = {
  'a service on Node': {
    module: 'nodenext',
    types: ['node'],
    lib: ['es2024', 'esnext.disposable'],
  },
  'what a bundler takes': {
    ...{ module: 'esnext', moduleResolution: 'bundler', types: ['node'] },
    lib: ['es2024', 'esnext.disposable', 'dom'],
  },
  // Such as a service on another runtime. `AbortSignal` and `Request` are the browser's then.
  "what has no types of Node's": {
    ...{ module: 'esnext', moduleResolution: 'bundler', types: [] },
    lib: ['es2024', 'esnext.disposable', 'dom'],
  },
} as const

/** Doors whose types name Node's: a listener for its server, and what a client is asked for. */
export const NODE_TYPED: readonly string[] = ['tiercel/admin', 'tiercel/redis']

export type Project = keyof typeof PROJECTS

const STRICT = {
  ...{ target: 'es2024', strict: true, exactOptionalPropertyTypes: true, noEmit: true },
  ...{ noUncheckedIndexedAccess: true, noPropertyAccessFromIndexSignature: true },
  // Our own declarations are what is checked.
  skipLibCheck: false,
}

const OUTPUT_CHARS_MAX = 4 * 2 ** 20

/** Of the TypeScript that is installed for this name, such as `5.9.3`. */
export function versionOf(typescript: TypeScript): string {
  return JSON.parse(readFileSync(join(TYPESCRIPTS[typescript], 'package.json'), 'utf8')).version
}

/**
 * Compiles programs together, as one project of a user in `folder`, where the package is installed.
 *
 * @param programs By the name of their file, without its ending.
 * @returns What the compiler complains of; empty if it is content.
 */
export function checkTypes(
  folder: string,
  typescript: TypeScript,
  project: Project,
  programs: Readonly<Record<string, string>>,
): Promise<string> {
  const place = join(folder, `types-${typescript}-${project.replaceAll(' ', '-')}`)
  mkdirSync(place, { recursive: true })
  for (const [name, code] of Object.entries(programs)) {
    // An example is a module even if it happens to import nothing.
    writeFileSync(join(place, `${name}.ts`), `${code}\nexport {}\n`)
  }
  const config = { compilerOptions: { ...STRICT, ...PROJECTS[project] }, include: ['*.ts'] }
  writeFileSync(join(place, 'tsconfig.json'), JSON.stringify(config))
  writeFileSync(join(place, 'package.json'), '{ "type": "module" }')

  const tsc = join(TYPESCRIPTS[typescript], 'bin', 'tsc')
  const args = [tsc, '-p', place, '--pretty', 'false']
  const options = { cwd: folder, maxBuffer: OUTPUT_CHARS_MAX }
  return new Promise((resolve) => {
    execFile(process.execPath, args, options, (error, stdout, stderr) => {
      resolve(error === null ? '' : `${stdout}${stderr}` || error.message)
    })
  })
}

/** A program that names everything which the doors export as values, so that all declarations are read. */
export function programOfDoors(specifiers: readonly string[]): string {
  const imports = specifiers.map((specifier, at) => `import * as door${at} from '${specifier}'`)
  const uses = specifiers.map((_, at) => `door${at}`)
  return [...imports, `export const doors: readonly object[] = [${uses.join(', ')}]`].join('\n')
}
