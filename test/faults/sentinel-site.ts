/** A master that sentinels replace. The workers ask them where it is. */

import type { RedisServer } from '../servers/redis-server.ts'
import { type SentinelGroup, startSentinel } from '../servers/start-sentinel.ts'
import { until } from '../servers/until.ts'
import type { Arena, RunFault } from './arena.ts'
import type { Site } from './site.ts'
import type { Fault } from './timeline.ts'

const MAX_LAG_S = 1
/** A second more than the lag, and some for the sentinels' own clocks. */
const DOWN_AFTER_MS = 2500
const FAILOVER_MS = 30_000

export interface SentinelSite extends Site {
  readonly group: SentinelGroup
}

export async function openSentinelSite(): Promise<SentinelSite> {
  const group = await startSentinel({
    downAfterMs: DOWN_AFTER_MS,
    config: { 'min-replicas-to-write': 1, 'min-replicas-max-lag': MAX_LAG_S },
  })
  const ports = group.sentinels.map(({ port }) => port)
  return {
    name: 'sentinels',
    group,
    addressOf: () => ({ kind: 'sentinel', ports, name: group.name }),
    [Symbol.asyncDispose]: () => group[Symbol.asyncDispose](),
  }
}

export const sentinelFaults: ReadonlyMap<string, RunFault<SentinelSite>> = new Map([
  ['Sentinel failover, master killed', (arena, fault) => failOver(arena, fault, 'killed')],
  ['Sentinel failover, master stopped', (arena, fault) => failOver(arena, fault, 'stopped')],
])

async function failOver(
  { site, fleet, timeline }: Arena<SentinelSite>,
  fault: Fault,
  how: 'killed' | 'stopped',
): Promise<void> {
  const { group } = site
  const servers = [group.master, ...group.replicas]
  const oldPort = await group.masterPort()
  const old = serverAt(servers, oldPort)
  const mend = timeline.break(fleet.instances)
  if (how === 'killed') await old.kill9()
  else old.pause()
  await until('another master', async () => (await group.masterPort()) !== oldPort, {
    withinMs: FAILOVER_MS,
  })
  if (how === 'killed') await old.start()
  else old.resume()
  const next = serverAt(servers, await group.masterPort())
  fault.detail = `from ${old.port} to ${next.port}`
  // Until then it refuses writes.
  const isInStep = async (): Promise<boolean> =>
    (await next.info('replication'))['slave0']?.includes('state=online') === true
  await until('the new master has its replica', isInStep, { withinMs: FAILOVER_MS })
  mend()
}

function serverAt(servers: readonly RedisServer[], port: number): RedisServer {
  const server = servers.find((one) => one.port === port)
  if (server === undefined) throw new Error(`There is no server at ${port}.`)
  return server
}
