/**
 * Removing what patterns match, slice by slice.
 *
 * Redis has no order over keys: a sweep walks all keys of the shard's node. Where it has come to is
 * kept here, since any process may do the whole sweep by itself, and two do no harm.
 */

import { compileGlob } from '../keys/glob.ts'
import { decodeKey } from '../keys/key-encoding.ts'
import type { RedisConnection } from './connection/redis-connection.ts'
import { itemKeys } from './item-keys.ts'
import { readChange } from './read-change.ts'
import { scanSlice } from './scan-slice.ts'
import { patternScript } from './scripts/pattern-script.ts'
import { readReply } from './scripts/read-reply.ts'
import { sweepScript } from './scripts/sweep-script.ts'
import type { StepRunner } from './step-runner.ts'

/** Sweeps that a process remembers; one that is forgotten begins again. */
const MAX_SWEEPS = 1_000
/** Keys of one script, so that none holds the server up. */
const MAX_REMOVED = 200
/** Keys that one slice looks at: under a millisecond of the server's time. */
const KEYS_A_SLICE = '1000'

interface Sweep {
  readonly collection: string
  readonly pattern: string
  cursor: string
}

export interface PatternSweepsOptions {
  readonly runner: StepRunner
  readonly connection: RedisConnection
}

export class PatternSweeps {
  readonly #options: PatternSweepsOptions
  readonly #sweeps = new Map<string, Sweep>()

  constructor(options: PatternSweepsOptions) {
    this.#options = options
    // A cursor means nothing to another server.
    options.connection.onState(() => this.#sweeps.clear())
  }

  /** One slice; `true` when there is nothing left to do. @throws TierError */
  async sweep(shard: number, number: number): Promise<boolean> {
    const name = `${shard} ${number}`
    const sweep = this.#sweeps.get(name) ?? (await this.#begin(shard, number))
    if (sweep === undefined) return true
    this.#remember(name, sweep)
    const { runner, connection } = this.#options
    const { names } = runner
    const match = names.pattern(shard, `${sweep.collection}:`)
    const command = ['SCAN', sweep.cursor, 'MATCH', match, 'COUNT', KEYS_A_SLICE]
    const [reply] = await connection.send(names.of(shard).control, [command])
    const { cursor, keys } = scanSlice(reply)
    await this.#remove(
      shard,
      number,
      matching(
        sweep,
        keys.flatMap((key) => names.placeOf(key)?.id ?? []),
      ),
    )
    sweep.cursor = cursor
    if (cursor !== '0') return false
    await runner.run(patternScript.end, shard, {
      keys: {},
      args: { collection: sweep.collection, pattern: sweep.pattern, ends: String(number) },
      items: [],
    })
    this.#sweeps.delete(name)
    return true
  }

  /** `undefined`: no pattern is active under this number. */
  async #begin(shard: number, number: number): Promise<Sweep | undefined> {
    const { connection, runner } = this.#options
    const { numbers } = runner.names.of(shard)
    const at = String(number)
    const [members] = await connection.send(numbers, [['ZRANGEBYSCORE', numbers, at, at]])
    for (const member of Array.isArray(members) ? members : []) {
      const change = readChange(readReply.bytes(member), number)
      if (change?.kind !== 'pattern' || !change.active) continue
      return { collection: change.collection, pattern: change.pattern, cursor: '0' }
    }
    return undefined
  }

  #remember(name: string, sweep: Sweep): void {
    this.#sweeps.delete(name)
    this.#sweeps.set(name, sweep)
    if (this.#sweeps.size <= MAX_SWEEPS) return
    const [oldest] = this.#sweeps.keys()
    if (oldest !== undefined) this.#sweeps.delete(oldest)
  }

  async #remove(shard: number, number: number, ids: readonly string[]): Promise<void> {
    const { runner } = this.#options
    for (let at = 0; at < ids.length; at += MAX_REMOVED) {
      await runner.run(sweepScript, shard, {
        keys: {},
        args: { below: String(number) },
        items: ids.slice(at, at + MAX_REMOVED).map((id) => ({
          keys: { entry: itemKeys(runner.names, shard, { id }).entry },
          args: { id },
        })),
      })
    }
  }
}

function matching({ collection, pattern }: Sweep, ids: readonly string[]): readonly string[] {
  const matches = compileGlob(pattern)
  return ids.filter((id) => {
    const key = decodeKey(collection, id)
    // A key that nobody can ask for is not worth keeping.
    return key === undefined || matches(String(key))
  })
}
