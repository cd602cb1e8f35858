/**
 * Makes the script of one step of a shard: guard, the parts it needs, its body, and the telling of
 * what changed. Used by each file of `scripts/`.
 *
 * The body is the inside of a function that returns what `read` takes; it sees `items`, `now`,
 * `epoch`, `seq` and the functions of its parts.
 */

import type { RedisReply } from '../connection/redis-connection.ts'
import { luaChanges } from '../lua/lua-changes.ts'
import { luaEntries } from '../lua/lua-entries.ts'
import { luaGlob } from '../lua/lua-glob.ts'
import { luaGuard } from '../lua/lua-guard.ts'
import { luaIntents } from '../lua/lua-intents.ts'
import { luaJudge } from '../lua/lua-judge.ts'
import { luaLeases } from '../lua/lua-leases.ts'
import { luaPending } from '../lua/lua-pending.ts'
import { luaReadTimes } from '../lua/lua-read-times.ts'
import { luaTags } from '../lua/lua-tags.ts'
import { defineScript } from './define-script.ts'
import { readReply } from './read-reply.ts'
import type { NumbersOf, Script, ScriptNames } from './script.ts'

/** Keys that every step of a shard declares, since its guard may touch them. */
export type ShardKey = 'control' | 'numbers' | 'due' | 'awaited' | 'absent' | 'events'
/** Arguments of every step of a shard. */
export type ShardArg = 'drawn' | 'jump' | 'channel' | 'shard' | 'eventsMax' | SenderArg
/** Empty where the step is no mutation. */
export type SenderArg = 'session' | 'operation' | 'senderEpoch' | 'untilMs'

export interface StepReply<A> {
  /** The step was not carried out if this is another word than `carried`. */
  readonly outcome: 'carried' | 'overtaken' | 'epoch' | 'moved' | 'overdue'
  readonly epoch: string
  readonly sequence: number
  readonly serverNow: number
  /** `undefined` unless it was carried out. */
  readonly answer: A | undefined
  /** Of the map of servers in which the shard left this one; 0 unless it has. */
  readonly movedAt: number
}

export interface StepDefinition<N extends ScriptNames, A> {
  readonly name: string
  /** Beside those of every step. */
  readonly keys?: readonly Exclude<N['keys'], ShardKey>[]
  readonly args?: readonly Exclude<N['args'], ShardArg>[]
  readonly item: {
    readonly keys: readonly N['itemKeys'][]
    readonly args: readonly N['itemArgs'][]
    readonly numbers?: readonly NumbersOf<N>[]
  }
  /**
   * What happens while the server is full. `runs`: deleting first, even a key that is not there,
   * lets a script write what it must, on every version of Redis.
   */
  readonly whenFull: 'runs' | 'refused'
  /**
   * What happens where the shard has moved to another server. `noted`: the step is carried out, and its
   * answer is that the shard has moved.
   * @default 'refused'
   */
  readonly whenMoved?: 'refused' | 'noted' | 'runs'
  /** `epoch`: and only under the epoch that the sender knows, and within its time. */
  readonly order: 'none' | 'numbered' | 'epoch'
  /** Beside the guard and the telling: what a script defines costs time in each run. */
  readonly parts: readonly Part[]
  readonly body: string
  readonly read: (answer: RedisReply) => A
}

export type StepScript<N extends ScriptNames, A> = Script<N, StepReply<A>>

const SHARD_KEYS: readonly ShardKey[] = ['control', 'numbers', 'due', 'awaited', 'absent', 'events']
const SHARD_ARGS: readonly ShardArg[] = [
  'drawn',
  'jump',
  'channel',
  'shard',
  'eventsMax',
  'session',
  'operation',
  'senderEpoch',
  'untilMs',
]

type Part = 'read-times' | 'entries' | 'tags' | 'leases' | 'intents' | 'pending' | 'glob' | 'judge'

/** In the order in which they stand: later ones call earlier ones. */
const PARTS: Readonly<Record<Part, string>> = {
  'read-times': luaReadTimes,
  entries: luaEntries,
  tags: luaTags,
  leases: luaLeases,
  intents: luaIntents,
  pending: luaPending,
  glob: luaGlob,
  judge: luaJudge,
}
const PART_NAMES = Object.keys(PARTS) as readonly Part[]

const OUTCOMES = ['carried', 'overtaken', 'epoch', 'moved', 'overdue'] as const

export function defineStep<N extends ScriptNames, A>(
  definition: StepDefinition<N, A>,
): StepScript<N, A> {
  const { name, item, read } = definition
  return defineScript<N, StepReply<A>>({
    name,
    keys: [...SHARD_KEYS, ...(definition.keys ?? [])] as readonly N['keys'][],
    args: [...SHARD_ARGS, ...(definition.args ?? [])] as readonly N['args'][],
    item,
    body: bodyOf(definition),
    read: (reply) => readStep(reply, read),
  })
}

function bodyOf<N extends ScriptNames, A>(definition: StepDefinition<N, A>): string {
  const whenMoved = definition.whenMoved ?? 'refused'
  return [
    definition.whenFull === 'runs' ? "redis.call('UNLINK', absent)" : '',
    luaGuard,
    whenMoved === 'refused' ? TELL_MOVED : '',
    luaChanges,
    ...PART_NAMES.filter((part) => definition.parts.includes(part)).map((part) => PARTS[part]),
    orderOf(definition.order),
    `local function step()\n${definition.body}\nend`,
    'local answer = step()',
    whenMoved === 'noted' ? TELL_MOVED : '',
    definition.order === 'none' ? '' : NOTE_OPERATION,
    'finish()',
    'return { 0, epoch, seq, now, answer }',
  ].join('\n')
}

const TELL_MOVED = 'if moved then return { 3, epoch, seq, now, moved } end'

/** A step that was given up may arrive after its successors; it must not undo them. */
const CHECK_OPERATION = `
local latest = redis.call('HGET', control, 'o:' .. session)
if latest and tonumber(operation) <= (tonumber(string.match(latest, '^%d+')) or 0) then
  finish()
  return { 1, epoch, seq, now }
end
`
const CHECK_EPOCH = `
if senderEpoch ~= epoch then
  finish()
  return { 2, epoch, seq, now }
end
if now > (tonumber(untilMs) or math.huge) then
  finish()
  return { 4, epoch, seq, now }
end
`
/** Beside it the second of its use, by which it is forgotten. */
const NOTE_OPERATION = "redis.call('HSET', control, 'o:' .. session, operation .. ' ' .. time[1])"

function orderOf(order: 'none' | 'numbered' | 'epoch'): string {
  if (order === 'none') return ''
  return order === 'numbered' ? CHECK_OPERATION : CHECK_OPERATION + CHECK_EPOCH
}

function readStep<A>(reply: RedisReply, read: (answer: RedisReply) => A): StepReply<A> {
  const [outcome, epoch, sequence, serverNow, answer] = readReply.list(reply)
  const word = OUTCOMES[readReply.number(outcome)]
  if (word === undefined) throw new TypeError('A script answered with an outcome of its own.')
  return {
    outcome: word,
    epoch: readReply.text(epoch),
    sequence: readReply.number(sequence),
    serverNow: readReply.number(serverNow),
    answer: word === 'carried' ? read(answer ?? null) : undefined,
    movedAt: word === 'moved' ? readReply.number(answer) : 0,
  }
}
