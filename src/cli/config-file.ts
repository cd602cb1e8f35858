/** Options of a cache as a file and the environment say them, and where each comes from. */

import { readFileSync } from 'node:fs'
import type { CacheOptions } from '../index.ts'
import { UsageError } from './exit-code.ts'

/** Where the value of an option comes from. */
export type Origin = 'default' | 'file' | 'environment'

export interface ConfigLine {
  /** As in `memory.entries`. */
  readonly option: string
  readonly value: unknown
  readonly from: Origin
}

export interface ReadConfig {
  /** Every option that has a value, by name. */
  readonly lines: readonly ConfigLine[]
  /** What is wrong, in words that name the field; `undefined`: nothing. */
  readonly problem: string | undefined
}

type Environment = Readonly<Record<string, string | undefined>>

/** `path`: of a file of options in JSON; without one, the environment alone. @throws UsageError */
export async function readConfig(
  path: string | undefined,
  environment: Environment,
): Promise<ReadConfig> {
  const file = path === undefined ? {} : optionsOf(path)
  // Neither the file nor the environment has to name the cache to be checked.
  const named = { name: 'cache', ...file } as CacheOptions
  const { withEnvironment } = await import('../index.ts')
  let options: CacheOptions = named
  let problem: string | undefined
  try {
    options = withEnvironment(named, environment)
    await tryOut(options)
  } catch (error) {
    problem = (error as Error).message
  }
  const given = file as Readonly<Record<string, unknown>>
  return { lines: linesOf(given, options as unknown as Record<string, unknown>), problem }
}

/** A cache is made of them, and closed again. @throws ConfigError */
async function tryOut(options: CacheOptions): Promise<void> {
  const [{ createCache }, { memoryTier }] = await Promise.all([
    import('../index.ts'),
    import('../memory/index.ts'),
  ])
  const logger = { level: 'silent', warn: () => {}, error: () => {} }
  const cache = createCache({ shared: memoryTier(), ...options, logger })
  await cache.close()
}

function optionsOf(path: string): object {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    throw new UsageError(`${path} cannot be read: ${(error as NodeJS.ErrnoException).code}`)
  }
  try {
    const { $schema: _, ...options } = JSON.parse(text)
    return options
  } catch {
    throw new UsageError(`${path} is no JSON`)
  }
}

interface Described {
  readonly properties?: Readonly<Record<string, Described>>
  readonly anyOf?: readonly Described[]
  readonly default?: unknown
}

/** The schema of the package knows every option there is, with its default. */
function linesOf(
  file: Readonly<Record<string, unknown>>,
  options: Readonly<Record<string, unknown>>,
): readonly ConfigLine[] {
  const schema: Described = JSON.parse(
    readFileSync(new URL('../../schema/tiercel.schema.json', import.meta.url), 'utf8'),
  )
  const lines: ConfigLine[] = []
  const add = (described: Described, path: readonly string[]): void => {
    const option = path.join('.')
    const value = valueAt(options, path)
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
    if (value !== undefined && !isObject) {
      const from = valueAt(file, path) === value ? 'file' : 'environment'
      lines.push({ option, value, from })
      return
    }
    if (value === undefined && described.default !== undefined) {
      lines.push({ option, value: described.default, from: 'default' })
    }
    const inner = described.anyOf?.find(({ properties }) => properties !== undefined) ?? described
    // Parts of what is off by default are off as well.
    if (value === undefined && described.default !== undefined) return
    for (const [name, part] of Object.entries(inner.properties ?? {})) add(part, [...path, name])
  }
  for (const [name, part] of Object.entries(schema.properties ?? {})) add(part, [name])
  return lines.filter(
    ({ option, from }) => option !== 'name' || file['name'] !== undefined || from === 'environment',
  )
}

function valueAt(options: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (inner, name) =>
      typeof inner === 'object' && inner !== null && Object.hasOwn(inner, name)
        ? (inner as Record<string, unknown>)[name]
        : undefined,
    options,
  )
}
