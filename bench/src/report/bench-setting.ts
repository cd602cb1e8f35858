/** What a figure means nothing without: machine, versions, date and command. */

import { readFileSync } from 'node:fs'
import { cpus, release, totalmem, type } from 'node:os'
import { dirname, join } from 'node:path'

export interface BenchSetting {
  readonly machine: string
  readonly node: string
  readonly versions: Readonly<Record<string, string>>
  readonly date: string
  readonly command: string
}

const measured = [
  'tiercel',
  'bentocache',
  'cache-manager',
  'cacheable',
  'ioredis',
  'layered-loader',
  'lru-cache',
  'pg',
  'postgres',
  'redis',
] as const
const loaded = ['tiercel', 'autocannon', 'fastify', 'ioredis', 'pg'] as const

/** Reads them where the program runs; `args` are those of the command. */
export function benchSetting(
  args: readonly string[],
  program: 'bench' | 'load' = 'bench',
): BenchSetting {
  const processors = cpus()
  const named = program === 'load' ? loaded : measured
  const gibibytes = Math.round(totalmem() / 1024 ** 3)
  return {
    machine: `${processors[0]?.model.trim() ?? 'unknown processor'}, ${processors.length} cores, ${gibibytes} GiB, ${type()} ${release()}`,
    node: process.versions.node,
    versions: Object.fromEntries(named.map((name) => [name, versionOf(name)])),
    date: new Date().toISOString().slice(0, 16).replace('T', ' '),
    command: `npm run ${program} -- ${args.join(' ')}`,
  }
}

/** Of the package as it is installed. Most hide their package.json, so its folder is looked for. */
function versionOf(name: string): string {
  for (let folder = import.meta.dirname; ; folder = dirname(folder)) {
    const path = join(folder, 'node_modules', name, 'package.json')
    const version = versionAt(path)
    if (version !== undefined) return version
    if (folder === dirname(folder)) return 'unknown'
  }
}

function versionAt(path: string): string | undefined {
  try {
    const { version } = JSON.parse(readFileSync(path, 'utf8')) as { version?: string }
    return version
  } catch {
    return undefined
  }
}
