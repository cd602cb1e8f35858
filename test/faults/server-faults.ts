/** What happens to the server, while the ways to it are well. */

import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { RedisServer } from '../servers/redis-server.ts'
import { type Arena, last, type RunFault } from './arena.ts'
import type { SingleSite } from './single-site.ts'
import type { Fault } from './timeline.ts'

type Strike = (server: RedisServer, arena: Arena<SingleSite>, fault: Fault) => Promise<void>

/** The parts of the control record, as `docs/wire-format.md` names them. */
const CONTROL_KEYS = '*:c'
const CHANGE_NUMBERS = '*:n'

export const serverFaults: ReadonlyMap<string, RunFault<SingleSite>> = new Map([
  ['SIGSTOP of the server', brokenBy(stop)],
  ['kill -9 of the server', brokenBy((server) => server.restart())],
  ['kill -9 of the server without persistence', brokenBy(loseAll)],
  ['kill -9 of the server with an old file', brokenBy(rollBack)],
  ['FLUSHALL', brokenBy(async (server) => void (await server.call('FLUSHALL')))],
  ['CLIENT KILL', brokenBy(killClients)],
  ['DEL of a control key', brokenBy((server, arena) => remove(server, arena, CONTROL_KEYS))],
  ['DEL of change numbers', brokenBy((server, arena) => remove(server, arena, CHANGE_NUMBERS))],
  // Who follows is still told everything: full is not broken.
  ['full server', (arena, fault) => fill(arena.site.server, arena, fault)],
])

/** Nobody is connected meanwhile. */
function brokenBy(strike: Strike): RunFault<SingleSite> {
  return async (arena, fault) => {
    const mend = arena.timeline.break(arena.fleet.instances)
    await strike(arena.site.server, arena, fault)
    mend()
  }
}

async function stop(server: RedisServer, arena: Arena<SingleSite>, fault: Fault): Promise<void> {
  server.pause()
  await last(arena, fault, { fromMs: 2000, toMs: 8000 })
  server.resume()
}

async function loseAll(server: RedisServer): Promise<void> {
  const folder = await folderOf(server)
  await server.kill9()
  rmSync(join(folder, 'appendonlydir'), { recursive: true, force: true })
  await server.start()
}

/** As a backup that is put back: of two seconds ago. */
async function rollBack(server: RedisServer): Promise<void> {
  await server.call('CONFIG', 'SET', 'appendonly', 'no')
  await pause(2000)
  await server.restart()
}

async function killClients(server: RedisServer): Promise<void> {
  await server.call('CLIENT', 'KILL', 'TYPE', 'pubsub')
  await server.call('CLIENT', 'KILL', 'TYPE', 'normal')
}

async function remove(
  server: RedisServer,
  { random }: Arena<SingleSite>,
  pattern: string,
): Promise<void> {
  const [, keys] = (await server.call('SCAN', 0, 'MATCH', pattern, 'COUNT', 100_000)) as [
    string,
    string[],
  ]
  if (keys.length === 0) throw new Error(`The server has no key like ${pattern}.`)
  await server.call('DEL', random.pick(keys))
}

async function fill(server: RedisServer, arena: Arena<SingleSite>, fault: Fault): Promise<void> {
  await server.call('CONFIG', 'SET', 'maxmemory-policy', 'noeviction')
  await server.call('CONFIG', 'SET', 'maxmemory', '1mb')
  await last(arena, fault, { fromMs: 2000, toMs: 8000 })
  await server.call('CONFIG', 'SET', 'maxmemory', '0')
}

async function folderOf(server: RedisServer): Promise<string> {
  const [, folder] = (await server.call('CONFIG', 'GET', 'dir')) as [string, string]
  return folder
}
