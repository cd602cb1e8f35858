/**
 * The atomic steps on a server's copy of the map: who may change it, the change, and the copy.
 *
 * The copy is a hash. Fields: `v` version, `i` id, `m` the map as text, `n` the name of this server,
 * `w` and `u` who changes the map now, and until when by the server's clock.
 *
 * Deleting first, even a key that is not there, lets a script write while the server is full.
 */

import { defineScript } from '../scripts/define-script.ts'
import { readReply } from '../scripts/read-reply.ts'
import type { Script } from '../scripts/script.ts'

interface MapNames<A extends string> {
  readonly keys: 'map' | 'absent'
  readonly args: A
  readonly itemKeys: never
  readonly itemArgs: never
}

export interface ClaimReply {
  readonly granted: boolean
  /** Epoch milliseconds. */
  readonly serverNow: number
}

/** Which map a server has now; `undefined`: none. */
export type Standing = { readonly version: number; readonly id: string } | undefined

const BEGIN = `
redis.call('UNLINK', absent)
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
`
const WRITE = "redis.call('HSET', map, 'v', version, 'i', id, 'm', text, 'n', name)"
const keys = ['map', 'absent'] as const
const item = { keys: [], args: [] } as const

export const mapScripts: {
  /** Takes or renews the right to change the map. */
  readonly claim: Script<MapNames<'mover' | 'forMs'>, ClaimReply>
  readonly release: Script<MapNames<'mover'>, undefined>
  /** Only with that right, and if the map is still the one that was seen. */
  readonly change: Script<
    MapNames<'mover' | 'seenVersion' | 'seenId' | 'version' | 'id' | 'text' | 'name'>,
    boolean
  >
  /** Leaves a higher map as it is; answers which one there is afterwards. */
  readonly copy: Script<MapNames<'version' | 'id' | 'text' | 'name'>, Standing>
} = {
  claim: defineScript({
    name: 'map-claim',
    keys,
    args: ['mover', 'forMs'],
    item,
    body: `${BEGIN}
local held = redis.call('HMGET', map, 'w', 'u')
if held[1] and held[1] ~= mover and tonumber(held[2]) > now then return { 0, now } end
redis.call('HSET', map, 'w', mover, 'u', string.format('%.0f', now + forMs))
return { 1, now }`,
    read: (reply) => {
      const [granted, serverNow] = readReply.list(reply).map(readReply.number)
      return { granted: granted === 1, serverNow: serverNow ?? 0 }
    },
  }),
  release: defineScript({
    name: 'map-release',
    keys,
    args: ['mover'],
    item,
    body: `${BEGIN}
if redis.call('HGET', map, 'w') == mover then redis.call('HDEL', map, 'w', 'u') end
return 0`,
    read: () => undefined,
  }),
  change: defineScript({
    name: 'map-change',
    keys,
    args: ['mover', 'seenVersion', 'seenId', 'version', 'id', 'text', 'name'],
    item,
    body: `${BEGIN}
local there = redis.call('HMGET', map, 'w', 'u', 'v', 'i')
if there[1] ~= mover or tonumber(there[2]) <= now then return 0 end
if (there[3] or '') ~= seenVersion or (there[4] or '') ~= seenId then return 0 end
${WRITE}
return 1`,
    read: (reply) => readReply.number(reply) === 1,
  }),
  copy: defineScript({
    name: 'map-copy',
    keys,
    args: ['version', 'id', 'text', 'name'],
    item,
    body: `${BEGIN}
local there = redis.call('HMGET', map, 'v', 'i')
local older = not there[1] or tonumber(there[1]) < tonumber(version)
  or (tonumber(there[1]) == tonumber(version) and there[2] < id)
if older then ${WRITE} end
return redis.call('HMGET', map, 'v', 'i')`,
    read: (reply) => {
      const [version, id] = readReply.list(reply)
      return { version: readReply.number(version), id: readReply.text(id) }
    },
  }),
}
