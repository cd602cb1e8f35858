/**
 * Sends what a node of a cluster refused for want of the key to the node that it named. What was
 * refused was not carried out, so this repeats nothing. Called by `ClusterConnection`.
 */

import type { NodeAddress } from './node-client.ts'
import { type Redirection, readRedirection } from './redirection.ts'
import type { RedisCommand, RedisReply } from './redis-connection.ts'
import { nodeName } from './slot-table.ts'

/** Two nodes may each believe that the other has the slot. */
const MAX_REDIRECTIONS = 4

export interface Answered {
  /** Who has answered. */
  readonly node: string
  readonly commands: readonly RedisCommand[]
  readonly replies: readonly RedisReply[]
}

export interface Redirector {
  /** A slot has another master, as one node says. */
  readonly onMoved: (redirection: Redirection) => void
  /** @throws TierError */
  readonly send: (
    address: NodeAddress,
    commands: readonly RedisCommand[],
  ) => Promise<readonly RedisReply[]>
}

/** Refused commands that go to one node in one way. */
interface Detour {
  readonly redirection: Redirection
  readonly places: number[]
}

/** The replies, with those of the other nodes in place. @throws TierError */
export async function followRedirections(
  answered: Answered,
  redirector: Redirector,
): Promise<readonly RedisReply[]> {
  const { commands, replies, node } = answered
  // Part of a transaction elsewhere would be no transaction.
  if (commands.some(isMulti)) return replies
  let detours = detoursOf(replies, () => node)
  if (detours.length === 0) return replies
  const all = [...replies]
  const askedAt = new Map<number, string>()
  for (let round = 0; round < MAX_REDIRECTIONS && detours.length > 0; round++) {
    await Promise.all(
      detours.map(async ({ redirection, places }) => {
        if (redirection.kind === 'moved') redirector.onMoved(redirection)
        const detour = places.map((place) => commands[place] ?? [])
        const answers = await sendOn(redirection, detour, redirector)
        for (const [at, place] of places.entries()) {
          all[place] = answers[at] ?? null
          askedAt.set(place, nodeName(redirection.address))
        }
      }),
    )
    detours = detoursOf(all, (place) => askedAt.get(place) ?? node)
  }
  return all
}

async function sendOn(
  { kind, address }: Redirection,
  commands: readonly RedisCommand[],
  { send }: Redirector,
): Promise<readonly RedisReply[]> {
  if (kind === 'moved') return await send(address, commands)
  // The permission to ask for a slot on its way holds for one command.
  const answers = await send(
    address,
    commands.flatMap((command) => [['ASKING'], command]),
  )
  return answers.filter((_, index) => index % 2 === 1)
}

function detoursOf(
  replies: readonly RedisReply[],
  askedOf: (place: number) => string,
): readonly Detour[] {
  const detours = new Map<string, Detour>()
  for (const [place, reply] of replies.entries()) {
    const redirection = readRedirection(reply, askedOf(place))
    if (redirection === undefined) continue
    const way = `${redirection.kind} ${nodeName(redirection.address)} ${redirection.slot}`
    const detour = detours.get(way) ?? { redirection, places: [] }
    detours.set(way, detour)
    detour.places.push(place)
  }
  return [...detours.values()]
}

function isMulti([name = '']: RedisCommand): boolean {
  return Buffer.from(name).toString().toUpperCase() === 'MULTI'
}
