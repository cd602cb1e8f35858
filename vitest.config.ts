/** Which tests there are, by what they need. Read by vitest; `scripts/test.mjs` starts it. */

import { defineConfig } from 'vitest/config'

const inProcess = (name: string, include: string) => ({
  extends: true as const,
  test: { name, include: [include] },
})

export default defineConfig({
  test: {
    testTimeout: 20_000,
    // Workers that are started from TypeScript find their code compiled: each would otherwise load
    // the type stripper, which takes more than all the rest of its start.
    env: { NODE_COMPILE_CACHE: 'node_modules/.cache/node-compile' },
    projects: [
      {
        extends: true as const,
        test: {
          name: 'unit',
          include: ['src/**/*.test.ts'],
          exclude: ['src/redis/**/*.test.ts'],
        },
      },
      {
        // Real servers, most of which are stopped and killed: two files at a time.
        extends: true as const,
        test: {
          name: 'redis',
          include: [
            'src/redis/**/*.test.ts',
            'test/redis/**/*.test.ts',
            'test/faults/**/*.test.ts',
            'test/crash/**/*.test.ts',
          ],
          maxWorkers: 2,
          testTimeout: 60_000,
          sequence: { groupOrder: 2 },
        },
      },
      inProcess('simulation', 'test/simulation/**/*.test.ts'),
      inProcess('forecast', 'test/forecast/**/*.test.ts'),
      inProcess('contract', 'test/contract/**/*.test.ts'),
      inProcess('scenarios', 'test/scenarios/**/*.test.ts'),
      inProcess('regressions', 'test/regressions/**/*.test.ts'),
      inProcess('shop', 'examples/shop/test/**/*.test.ts'),
      inProcess('bench', 'bench/test/**/*.test.ts'),
      {
        // These start compilers and checkers, each of which fills a core: one file at a time.
        test: {
          name: 'package',
          include: ['test/package/**/*.test.ts'],
          fileParallelism: false,
          testTimeout: 120_000,
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
