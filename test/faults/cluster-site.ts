/** A cluster of three masters with a replica each. The workers find their way by its own map. */

import type { RedisServer } from '../servers/redis-server.ts'
import { type RedisCluster, startCluster } from '../servers/start-cluster.ts'
import { until } from '../servers/until.ts'
import type { Arena, RunFault } from './arena.ts'
import type { Site } from './site.ts'
import type { Fault } from './timeline.ts'

const MAX_LAG_S = 1
/** A second more than the lag, and some for the nodes' own clocks. */
const NODE_TIMEOUT_MS = 2500
const FAILOVER_MS = 30_000

export interface ClusterSite extends Site {
  readonly cluster: RedisCluster
}

export async function openClusterSite(): Promise<ClusterSite> {
  const cluster = await startCluster({
    replicas: 1,
    nodeTimeoutMs: NODE_TIMEOUT_MS,
    config: { 'min-replicas-to-write': 1, 'min-replicas-max-lag': MAX_LAG_S },
  })
  const ports = cluster.masters.map(({ port }) => port)
  return {
    name: 'cluster',
    cluster,
    addressOf: () => ({ kind: 'cluster', ports }),
    [Symbol.asyncDispose]: () => cluster[Symbol.asyncDispose](),
  }
}

export const clusterFaults: ReadonlyMap<string, RunFault<ClusterSite>> = new Map([
  ['cluster failover, master killed', (arena, fault) => failOver(arena, fault, 'killed')],
  ['cluster failover, master stopped', (arena, fault) => failOver(arena, fault, 'stopped')],
])

async function failOver(
  { site, fleet, timeline, random }: Arena<ClusterSite>,
  fault: Fault,
  how: 'killed' | 'stopped',
): Promise<void> {
  const { cluster } = site
  const place = random.below(cluster.masters.length)
  const pair = [cluster.masters[place], cluster.replicas[place]]
  const roles = await Promise.all(pair.map(async (one) => one && (await roleOf(one))))
  const old = pair[roles.indexOf('master')]
  const next = pair[roles.indexOf('slave')]
  if (old === undefined || next === undefined) throw new Error('A master has no replica.')
  fault.detail = `from ${old.port} to ${next.port}`
  const mend = timeline.break(fleet.instances)
  if (how === 'killed') await old.kill9()
  else old.pause()
  const isMaster = async (): Promise<boolean> => (await roleOf(next)) === 'master'
  await until('the replica is a master', isMaster, { withinMs: FAILOVER_MS })
  if (how === 'killed') await old.start()
  else old.resume()
  const isWhole = async (): Promise<boolean> => {
    const inStep = (await next.info('replication'))['slave0']?.includes('state=online')
    const states = await Promise.all(
      [...cluster.masters, ...cluster.replicas].map((one) => one.call('CLUSTER', 'INFO')),
    )
    return inStep === true && states.every((state) => String(state).includes('cluster_state:ok'))
  }
  await until('the cluster is whole', isWhole, { withinMs: FAILOVER_MS })
  mend()
}

async function roleOf(server: RedisServer): Promise<string | undefined> {
  return (await server.info('replication'))['role']
}
