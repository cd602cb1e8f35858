/**
 * The arrows between rooms are checked by dependency-cruiser, which passes silently where it cannot
 * read TypeScript. So the checker is checked: it must have seen the sources, and it must object to a
 * planted breach of each rule.
 */

import { expect, test } from 'vitest'
import { rooms } from '../../.dependency-cruiser.mjs'
import { type PlantedTree, plantedTree } from './planted-tree.ts'

interface Cruise {
  readonly summary: {
    readonly totalCruised: number
    readonly totalDependenciesCruised: number
    readonly violations: readonly {
      readonly from: string
      readonly rule: { readonly name: string }
    }[]
  }
}

function cruise(tree: PlantedTree): { modules: number; arrows: number; breaches: string[] } {
  const args = [
    'src',
    '--config',
    '.dependency-cruiser.mjs',
    '--output-type',
    'json',
    '--no-progress',
  ]
  const { output } = tree.run('depcruise', ...args)
  const { summary }: Cruise = JSON.parse(
    output.slice(output.indexOf('{'), output.lastIndexOf('}') + 1),
  )
  return {
    modules: summary.totalCruised,
    arrows: summary.totalDependenciesCruised,
    breaches: summary.violations.map(({ from, rule }) => `${rule.name}: ${from}`),
  }
}

const typeOf = (name: string, from: string): string => `export type { ${name} } from '${from}'`

/** File, what stands in it, and the rule that must name the file. */
const planted: readonly (readonly [string, string, string])[] = [
  ['src/contracts/planted.ts', typeOf('Stats', 'node:fs'), 'contracts-depend-on-nothing'],
  [
    'src/core/planted-room.ts',
    typeOf('Planted', '../shard/planted-shard.ts'),
    'core-sees-only-contracts',
  ],
  ['src/core/planted-node.ts', typeOf('Stats', 'node:fs'), 'core-sees-only-contracts'],
  [
    'src/memory/planted.ts',
    typeOf('DEFAULTS', '../core/defaults.ts'),
    'tiers-see-only-contracts-and-shard',
  ],
  [
    'src/sqlite/planted.ts',
    typeOf('DEFAULTS', '../core/defaults.ts'),
    'tiers-see-only-contracts-and-shard',
  ],
  [
    'src/create-planted.ts',
    typeOf('Planted', './shard/planted-shard.ts'),
    'create-cache-puts-together-core-memory-codecs',
  ],
  ['src/http/planted-driver.ts', typeOf('TestAPI', 'vitest'), 'no-driver-in-src'],
  ['src/cli/planted.ts', typeOf('DEFAULTS', '../core/defaults.ts'), 'cli-uses-doors'],
  ['src/warming/planted-driver.ts', typeOf('Cron', 'croner'), 'no-driver-in-src'],
  ['src/warming/planted-cron.ts', typeOf('cron', './cron.ts'), 'cron-stays-behind-its-door'],
  [
    'src/prometheus/planted.ts',
    typeOf('DEFAULTS', '../core/defaults.ts'),
    'exporters-see-only-contracts-and-figures',
  ],
  [
    'src/otel/planted.ts',
    typeOf('DEFAULTS', '../core/defaults.ts'),
    'exporters-see-only-contracts-and-figures',
  ],
  ['src/otel/planted-driver.ts', typeOf('TestAPI', 'vitest'), 'otel-sees-only-its-api'],
  ['src/prometheus/planted-driver.ts', typeOf('TestAPI', 'vitest'), 'no-driver-in-src'],
  ['src/http/planted-orphan.ts', 'export const planted = 1', 'no-orphans'],
]

test('a breach of each rule is reported', () => {
  using tree = plantedTree()
  tree.plant('src/shard/planted-shard.ts', typeOf('Clock', '../contracts/clock.ts'))
  for (const [file, line] of planted) tree.plant(file, line)
  tree.plant('src/http/planted-cycle.ts', typeOf('Planted', './planted-circle.ts'))
  tree.plant('src/http/planted-circle.ts', typeOf('Planted', './planted-cycle.ts'))
  tree.plant(
    'src/http/planted-using.ts',
    "import { Stats } from 'vitest'",
    'export async function planted(): Promise<void> {',
    "  using stats = new Stats(await import('zod'))",
    '}',
  )

  const { modules, arrows, breaches } = cruise(tree)
  expect(modules).toBeGreaterThan(20)
  expect(arrows).toBeGreaterThan(20)
  for (const [file, , rule] of planted) expect(breaches).toContain(`${rule}: ${file}`)
  // Inside of a `using` declaration as well, which the walker had to be taught.
  const drivers = breaches.filter(
    (breach) => breach === 'no-driver-in-src: src/http/planted-using.ts',
  )
  expect(drivers).toHaveLength(2)
  // A cycle is reported once, from whichever of its files was read first.
  expect(breaches.join('\n')).toMatch(/no-cycles: src\/http\/planted-(cycle|circle)\.ts/)
})

test('every room is kept from every other, whatever it is called', () => {
  using tree = plantedTree()
  const apart = ['memory', 'sqlite', 'redis', 'prometheus', 'otel']
  const rest = rooms.filter((room) => !apart.includes(room))
  tree.plant('src/core/planted.ts', typeOf('Clock', '../contracts/clock.ts'))
  for (const room of rest)
    tree.plant(`src/${room}/planted.ts`, typeOf('Clock', '../core/planted.ts'))

  const { breaches } = cruise(tree)
  for (const room of rest) {
    expect(breaches).toContain(`rooms-see-only-contracts: src/${room}/planted.ts`)
  }
})

test('tiers that keep shards themselves may use the shard room', () => {
  using tree = plantedTree()
  const files = ['src/memory/planted.ts', 'src/sqlite/planted.ts', 'src/redis/planted.ts']
  tree.plant('src/shard/planted.ts', typeOf('Clock', '../contracts/clock.ts'))
  for (const file of files) tree.plant(file, typeOf('Clock', '../shard/planted.ts'))

  const { breaches } = cruise(tree)
  expect(breaches.filter((breach) => files.some((file) => breach.endsWith(file)))).toEqual([])
})
