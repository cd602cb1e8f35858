/**
 * Makes a script of names and source: the names are bound to locals before the body runs.
 *
 * The arguments of all items travel in one, each with its length before it: what an argument costs a
 * driver, the server and Lua is more than most of them hold. The keys of all items stand name by name, so that
 * `column` hands those of one name to a command as they are.
 */

import { createHash } from 'node:crypto'
import type { RedisArgument, RedisReply } from '../connection/redis-connection.ts'
import type { NumbersOf, Script, ScriptNames } from './script.ts'

/** The last argument of an item is not copied if it is longer: it travels by itself, behind all others. */
const LONG_LENGTH = 16_384
const LENGTH_BYTES = 4
const NUMBER_BYTES = 8
/** Of one UTF-16 unit in UTF-8. */
const MOST_UNIT_BYTES = 3

export interface ScriptDefinition<N extends ScriptNames, R> {
  readonly name: string
  readonly keys: readonly N['keys'][]
  readonly args: readonly N['args'][]
  readonly item: {
    readonly keys: readonly N['itemKeys'][]
    readonly args: readonly N['itemArgs'][]
    readonly numbers?: readonly NumbersOf<N>[]
  }
  /** Sees each name as a local, and `items`, a table of tables. */
  readonly body: string
  readonly read: (reply: RedisReply) => R
}

export function defineScript<N extends ScriptNames, R>(
  definition: ScriptDefinition<N, R>,
): Script<N, R> {
  const { name, keys, args, item, body, read } = definition
  const source = `${binding(definition)}${body}`
  return {
    name,
    source,
    sha: createHash('sha1').update(source).digest('hex'),
    parameters({ keys: keyValues, args: argValues, items }) {
      const allKeys: RedisArgument[] = keys.map((key) => keyValues[key])
      for (const key of item.keys) for (const one of items) allKeys.push(one.keys[key])
      const allArgs = args.map((arg) => argValues[arg])
      const packed = isBare(item) ? [] : pack(item, items)
      return [String(allKeys.length), ...allKeys, ...allArgs, ...packed]
    },
    read,
  }
}

/**
 * All of one item and then of the next, its numbers first; behind them the last ones that are long, which stand
 * as empty.
 */
function pack<A extends string, M extends string>(
  { args: names, numbers = [] }: { readonly args: readonly A[]; readonly numbers?: readonly M[] },
  items: readonly {
    readonly args: Readonly<Record<A, RedisArgument>>
    readonly numbers?: Readonly<Record<M, number>> | undefined
  }[],
): readonly RedisArgument[] {
  const last = names.at(-1)
  const long: RedisArgument[] = []
  let room = items.length * (numbers.length * NUMBER_BYTES + 1)
  for (const { args } of items) {
    for (const name of names) room += mostBytes(args[name])
  }
  const bytes = Buffer.allocUnsafe(room)
  let at = 0
  for (const { args, numbers: given } of items) {
    if (given !== undefined) for (const name of numbers) at = bytes.writeDoubleLE(given[name], at)
    let isLong = 0
    for (const name of names) {
      let value = args[name]
      if (name === last && value.length > LONG_LENGTH) {
        long.push(value)
        isLong = 1
        value = ''
      }
      const length = put(bytes, at + LENGTH_BYTES, value)
      bytes.writeUInt32LE(length, at)
      at += LENGTH_BYTES + length
    }
    bytes[at] = isLong
    at += 1
  }
  return [bytes.subarray(0, at), ...long]
}

/** Nothing but keys. */
function isBare({
  args,
  numbers = [],
}: {
  readonly args: readonly unknown[]
  readonly numbers?: readonly unknown[]
}): boolean {
  return args.length + numbers.length === 0
}

function mostBytes(value: RedisArgument): number {
  if (value.length > LONG_LENGTH && typeof value !== 'string') return LENGTH_BYTES
  return LENGTH_BYTES + (typeof value === 'string' ? value.length * MOST_UNIT_BYTES : value.length)
}

function put(bytes: Buffer, at: number, value: RedisArgument): number {
  if (typeof value === 'string') return bytes.write(value, at)
  bytes.set(value, at)
  return value.length
}

/** Keys and arguments of the whole call come first, then those of the items. */
function binding<N extends ScriptNames, R>(definition: ScriptDefinition<N, R>): string {
  const { keys, args, item } = definition
  const lines = [
    ...keys.map((key, index) => `local ${key} = KEYS[${index + 1}]`),
    ...args.map((arg, index) => `local ${arg} = ARGV[${index + 1}]`),
  ]
  if (item.keys.length > 0) lines.push(itemTables(definition))
  return `${lines.join('\n')}\n`
}

function itemTables<N extends ScriptNames, R>({
  keys,
  args,
  item,
}: ScriptDefinition<N, R>): string {
  const first = keys.length + 1
  const columns = item.keys.map((key, at) => `${key} = ${first} + ${at} * count`)
  const keyFields = item.keys.map((key, at) => `${key} = KEYS[${first} + ${at} * count + n]`)
  const head = `
local items, count = {}, (#KEYS - ${keys.length}) / ${item.keys.length}
local columns = { ${columns.join(', ')} }
local function column(name, from, to)
  return unpack(KEYS, columns[name] + from - 1, columns[name] + to - 1)
end`
  if (isBare(item)) {
    return `${head}\nfor n = 0, count - 1 do items[n + 1] = { ${keyFields.join(', ')} } end`
  }
  const { numbers = [] } = item
  const taken = [...numbers, ...item.args].map((name, at) => ({ name, part: `a${at}` }))
  const parts = taken.map(({ part }) => part)
  const last = parts.at(-1)
  const fields = [...keyFields, ...taken.map(({ name, part }) => `${name} = ${part}`)]
  const format = `<${'d'.repeat(numbers.length)}${'I4c0'.repeat(item.args.length)}B`
  return `${head}
do
  local packed, at, long = ARGV[${args.length + 1}], 1, ${args.length + 2}
  for n = 0, count - 1 do
    local ${parts.join(', ')}, isLong
    ${parts.join(', ')}, isLong, at = struct.unpack('${format}', packed, at)
    if isLong == 1 then ${last}, long = ARGV[long], long + 1 end
    items[n + 1] = { ${fields.join(', ')} }
  end
end`
}
