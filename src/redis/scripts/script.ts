/**
 * What a server-side script is: its source together with the names of its keys and arguments and the
 * meaning of its reply, so that neither side can count wrong. `defineScript` makes one, the runner
 * sends it.
 */

import type { RedisArgument, RedisReply } from '../connection/redis-connection.ts'

/** The names that a script takes, as unions of literals. */
export interface ScriptNames {
  readonly keys: string
  readonly args: string
  readonly itemKeys: string
  readonly itemArgs: string
  /** Arguments of an item that travel as doubles: no text has to be read, and infinity is one. */
  readonly itemNumbers?: string
}

export interface ScriptCall<N extends ScriptNames> {
  readonly keys: Readonly<Record<N['keys'], string>>
  readonly args: Readonly<Record<N['args'], RedisArgument>>
  /** What a batch is about, one by one. */
  readonly items: readonly ScriptItem<N>[]
}

export type ScriptItem<N extends ScriptNames> = {
  readonly keys: Readonly<Record<N['itemKeys'], string>>
  readonly args: Readonly<Record<N['itemArgs'], RedisArgument>>
} & (N extends { readonly itemNumbers: string }
  ? { readonly numbers: Readonly<Record<NumbersOf<N>, number>> }
  : { readonly numbers?: undefined })

export type NumbersOf<N extends ScriptNames> = N extends { readonly itemNumbers: infer M }
  ? M & string
  : never

export interface Script<N extends ScriptNames, R> {
  /** For messages. */
  readonly name: string
  readonly source: string
  /** By which a server knows it. */
  readonly sha: string
  /** Number of keys, keys and arguments in the order that the source binds them. */
  parameters(call: ScriptCall<N>): readonly RedisArgument[]
  /** @throws TypeError if the reply is none of this script. */
  read(reply: RedisReply): R
}
