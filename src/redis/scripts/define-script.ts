/** Makes a script of names and source: the names are bound to locals before the body runs. */

import { createHash } from 'node:crypto'
import type { RedisReply } from '../connection/redis-connection.ts'
import type { Script, ScriptNames } from './script.ts'

export interface ScriptDefinition<N extends ScriptNames, R> {
  readonly name: string
  readonly keys: readonly N['keys'][]
  readonly args: readonly N['args'][]
  readonly item: {
    readonly keys: readonly N['itemKeys'][]
    readonly args: readonly N['itemArgs'][]
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
      const allKeys = keys.map((key) => keyValues[key])
      const allArgs = args.map((arg) => argValues[arg])
      for (const one of items) {
        for (const key of item.keys) allKeys.push(one.keys[key])
        for (const arg of item.args) allArgs.push(one.args[arg])
      }
      return [String(allKeys.length), ...allKeys, ...allArgs]
    },
    read,
  }
}

/** Keys and arguments of the whole call come first, then those of each item in turn. */
function binding<N extends ScriptNames, R>(definition: ScriptDefinition<N, R>): string {
  const { keys, args, item } = definition
  const lines = [
    ...keys.map((key, index) => `local ${key} = KEYS[${index + 1}]`),
    ...args.map((arg, index) => `local ${arg} = ARGV[${index + 1}]`),
  ]
  const width = item.keys.length + item.args.length
  if (width > 0) {
    const [perKey, perArg] = [item.keys.length, item.args.length]
    const count =
      perKey > 0 ? `(#KEYS - ${keys.length}) / ${perKey}` : `(#ARGV - ${args.length}) / ${perArg}`
    const fields = [
      ...item.keys.map((key, at) => `${key} = KEYS[${keys.length + at + 1} + n * ${perKey}]`),
      ...item.args.map((arg, at) => `${arg} = ARGV[${args.length + at + 1} + n * ${perArg}]`),
    ]
    lines.push(
      'local items = {}',
      `for n = 0, ${count} - 1 do items[n + 1] = { ${fields.join(', ')} } end`,
    )
  }
  return `${lines.join('\n')}\n`
}
