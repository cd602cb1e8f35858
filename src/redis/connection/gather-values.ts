/** Reads values of many keys of a cluster, with one write for each master. Called by `ClusterConnection`. */

import { describeFault } from './describe-fault.ts'
import { keySlot } from './key-slot.ts'
import type { RedisCommand, RedisReply } from './redis-connection.ts'
import { RedisError } from './redis-error.ts'

type Value = Uint8Array | null | RedisError

export interface Gathering {
  readonly owner: (slot: number) => string | undefined
  /** @throws TierError */
  readonly send: (node: string, commands: readonly RedisCommand[]) => Promise<readonly RedisReply[]>
}

/** Keys of one slot, with their places among all. */
interface SlotKeys {
  readonly slot: number
  readonly keys: string[]
  readonly places: number[]
}

/** In the order of the keys; where a master could not be asked, an error in the places of its keys. */
export async function gatherValues(
  keys: readonly string[],
  { owner, send }: Gathering,
): Promise<readonly Value[]> {
  const values = new Array<Value>(keys.length).fill(null)
  const groups = groupByOwner(groupBySlot(keys), owner)
  const asked = [...groups].map(async ([node, slots]) => {
    const replies = await read(node, slots, send)
    for (const [index, { places }] of slots.entries()) {
      const reply = replies[index] ?? null
      const found = Array.isArray(reply) ? (reply as readonly Value[]) : undefined
      for (const [at, place] of places.entries()) {
        values[place] = found === undefined ? (reply as Value) : (found[at] ?? null)
      }
    }
  })
  await Promise.all(asked)
  return values
}

async function read(
  node: string | undefined,
  slots: readonly SlotKeys[],
  send: Gathering['send'],
): Promise<readonly RedisReply[]> {
  try {
    if (node !== undefined) {
      return await send(
        node,
        // Keys of two slots never share a command, not even where one node has both.
        slots.map(({ keys }) => ['MGET', ...keys]),
      )
    }
    return slots.map(({ slot }) => new RedisError('LOST', `LOST No master has slot ${slot}.`))
  } catch (error) {
    const lost = new RedisError('LOST', `LOST ${describeFault(error)}`)
    return slots.map(() => lost)
  }
}

function groupBySlot(keys: readonly string[]): Map<number, SlotKeys> {
  const groups = new Map<number, SlotKeys>()
  for (const [place, key] of keys.entries()) {
    const slot = keySlot(key)
    const group = groups.get(slot) ?? { slot, keys: [], places: [] }
    groups.set(slot, group)
    group.keys.push(key)
    group.places.push(place)
  }
  return groups
}

function groupByOwner(
  groups: ReadonlyMap<number, SlotKeys>,
  owner: Gathering['owner'],
): Map<string | undefined, SlotKeys[]> {
  const owners = new Map<string | undefined, SlotKeys[]>()
  for (const group of groups.values()) {
    const node = owner(group.slot)
    const ofNode = owners.get(node) ?? []
    owners.set(node, ofNode)
    ofNode.push(group)
  }
  return owners
}
