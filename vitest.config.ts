/** Which tests there are, by what they need. Read by vitest; `scripts/test.mjs` starts it. */

import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'
import { LongestFirst } from './test/longest-first.ts'

/**
 * Nothing in `src` has state of a module, nor do tests rely on any: files may share a process, and what it
 * has loaded already, one after the other.
 */
const shared = { isolate: false }

const OUTAGES = ['src/redis/connection/**/*.test.ts', 'src/redis/servers/**/*.test.ts']

const inProcess = (name: string, include: string) => ({
  extends: true as const,
  test: { name, include: [include], ...shared },
})

export default defineConfig({
  test: {
    testTimeout: 20_000,
    // On two cores the default is one file at a time, and most files wait more than they compute.
    maxWorkers: Math.max(3, availableParallelism() - 1),
    sequence: { sequencer: LongestFirst },
    // Workers that are started from TypeScript find their code compiled: each would otherwise load
    // the type stripper, which takes more than all the rest of its start.
    env: { NODE_COMPILE_CACHE: 'node_modules/.cache/node-compile' },
    // Node 22 does not have it yet.
    setupFiles: 'AsyncDisposableStack' in globalThis ? [] : ['test/disposable-stack.ts'],
    projects: [
      {
        extends: true as const,
        test: {
          name: 'unit',
          include: ['src/**/*.test.ts'],
          exclude: ['src/redis/**/*.test.ts'],
          ...shared,
        },
      },
      {
        // On servers of their own.
        extends: true as const,
        test: {
          name: 'redis',
          include: ['src/redis/**/*.test.ts', 'test/redis/**/*.test.ts'],
          exclude: OUTAGES,
          ...shared,
          testTimeout: 60_000,
        },
      },
      {
        // Servers and processes that are stopped and killed, while others have to notice: two files at a time.
        extends: true as const,
        test: {
          name: 'outages',
          include: [...OUTAGES, 'test/faults/**/*.test.ts', 'test/crash/**/*.test.ts'],
          ...shared,
          maxWorkers: 2,
          testTimeout: 60_000,
          sequence: { groupOrder: 2 },
        },
      },
      {
        // A browser, which fills a core by itself, and clocks that it looks at: beside outages, which wait.
        extends: true as const,
        test: {
          name: 'dashboard',
          include: ['test/dashboard/**/*.test.ts'],
          maxWorkers: 2,
          testTimeout: 60_000,
          hookTimeout: 60_000,
          sequence: { groupOrder: 2 },
        },
      },
      inProcess('simulation', 'test/simulation/**/*.test.ts'),
      inProcess('forecast', 'test/forecast/**/*.test.ts'),
      {
        // Suites over real servers, of which some cases send thousands of steps.
        extends: true as const,
        test: {
          name: 'contract',
          include: ['test/contract/**/*.test.ts'],
          ...shared,
          testTimeout: 60_000,
        },
      },
      inProcess('scenarios', 'test/scenarios/**/*.test.ts'),
      inProcess('regressions', 'test/regressions/**/*.test.ts'),
      inProcess('shop', 'examples/shop/test/**/*.test.ts'),
      inProcess('proxy', 'examples/proxy/test/**/*.test.ts'),
      inProcess('bench', 'bench/test/**/*.test.ts'),
      {
        // These start compilers and checkers, each of which fills a core.
        test: {
          name: 'package',
          include: ['test/package/**/*.test.ts'],
          maxWorkers: 2,
          testTimeout: 120_000,
          hookTimeout: 120_000,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: 'types',
          include: [],
          typecheck: {
            enabled: true,
            only: true,
            include: ['test/types/**/*.test-d.ts'],
            tsconfig: './tsconfig.test.json',
          },
        },
      },
    ],
    coverage: {
      provider: 'v8',
      include: ['src/**/*.ts'],
      exclude: ['src/**/*.test.ts', 'src/**/*.d.ts'],
      thresholds: {
        branches: 90,
        'src/{contracts,core,write-behind}/**': { branches: 100 },
      },
    },
  },
})
