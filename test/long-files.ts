/**
 * The test files that take long, the longest first: `vitest.config.ts` starts with them, so that in the end
 * no worker waits for another. Which they are is seen in the times that vitest prints; one that is missing here
 * costs time and nothing else.
 */
export const LONG_FILES: readonly string[] = [
  'test/simulation/simulation.test.ts',
  'test/contract/redis-tier.test.ts',
  'test/contract/shared-tier.test.ts',
  'test/contract/redis-servers.test.ts',
  'test/contract/redis-cluster-node-redis.test.ts',
  'test/contract/redis-cluster-ioredis.test.ts',
  'bench/test/redis-suites.test.ts',
  'test/contract/instances-on-redis.test.ts',
  'test/contract/instances-on-sqlite.test.ts',
  'examples/shop/test/instances.test.ts',
  'test/scenarios/planted-faults.test.ts',
  'test/forecast/forecast.test.ts',
  'bench/test/bench.test.ts',
  'test/contract/store.test.ts',
  'examples/shop/test/process.test.ts',
  'bench/test/write-suite.test.ts',
  'test/scenarios/many-keys.test.ts',
  'test/redis/peers.test.ts',
  'test/redis/clean-up.test.ts',
  'test/forecast/predicted-warming.test.ts',
  'src/sql/outbox/follow-outbox.test.ts',
  'src/sql/outbox/outbox-with-cache.test.ts',
  'test/contract/fleet.test.ts',
  'test/redis/warming.test.ts',
  'test/redis/locks.test.ts',
  'examples/shop/test/write-behind.test.ts',
  'examples/shop/test/warming.test.ts',
  'test/scenarios/rolling-upgrade.test.ts',
  'test/scenarios/write-behind-histories.test.ts',
  // After these, those that start compilers and checkers.
  'test/package/bootstrap.test.ts',
  'test/package/docs.test.ts',
  'test/package/defaults.test.ts',
  'test/package/closing-line.test.ts',
  'test/package/packaging.test.ts',
  // Real servers that are stopped and killed.
  'test/faults/faults.test.ts',
  'test/crash/crash.test.ts',
  'src/redis/servers/servers-link.test.ts',
  'src/redis/connection/cluster-connection.test.ts',
  'src/redis/connection/single-connection.test.ts',
  'src/redis/servers/moving-shards.test.ts',
]
