/** Names of the keys of one cache in Redis, as `docs/wire-format.md` lists them. */

import { shardTags } from './shard-tags.ts'

export interface KeyNamesOptions {
  /** The cache's name: letters, digits and signs without a meaning in patterns. */
  readonly name: string
  readonly shards: number
  /** Of the event stream; `undefined`: there is none. */
  readonly stream: string | undefined
  /** On a cluster each shard has a stream of its own, in its slot. */
  readonly cluster: boolean
  /** Where other servers have shards too: whether this one is here now. Absent: all are. */
  readonly isHere?: ((shard: number) => boolean) | undefined
}

/** The keys that each script of a shard declares. */
export interface ShardKeys {
  readonly control: string
  readonly numbers: string
  readonly due: string
  readonly awaited: string
  readonly absent: string
  readonly events: string
}

export interface QueueKeys {
  readonly queue: string
  readonly meta: string
  readonly dead: string
  readonly order: string
}

export class KeyNames {
  readonly channel: string
  readonly shards: number
  readonly locks: ShardKeys
  /** What a clean-up leaves for the next. */
  readonly cleanUp: string
  readonly #name: string
  readonly #prefixes: readonly string[]
  readonly #keys: readonly ShardKeys[]
  readonly #shardOfTag: ReadonlyMap<string, number>
  readonly #isHere: (shard: number) => boolean

  constructor(options: KeyNamesOptions) {
    const { name, shards } = options
    const tags = shardTags(name, shards)
    this.#name = name
    this.shards = shards
    this.channel = `{${name}}:h`
    this.#prefixes = tags.map((tag) => `{${tag}}:`)
    this.#keys = tags.map((tag) => keysOf(tag, options))
    this.cleanUp = `{${name}/locks}:u`
    this.locks = keysOf(`${name}/locks`, { ...options, stream: undefined })
    this.#isHere = options.isHere ?? (() => true)
    this.#shardOfTag = new Map(tags.map((tag, shard) => [tag, shard]))
  }

  of(shard: number): ShardKeys {
    const keys = this.#keys[shard]
    if (keys === undefined) throw new RangeError(`There is no shard ${shard}.`)
    return keys
  }

  entry(shard: number, id: string): string {
    return `${this.#prefix(shard)}e:${id}`
  }

  lease(shard: number, id: string): string {
    return `${this.#prefix(shard)}l:${id}`
  }

  /** What waits for the source, of one collection. */
  queue(shard: number, collection: string): QueueKeys {
    const prefix = this.#prefix(shard)
    return {
      queue: `${prefix}q:${collection}`,
      meta: `${prefix}Q:${collection}`,
      dead: `${prefix}x:${collection}`,
      order: `${prefix}O:${collection}`,
    }
  }

  /** Earlier writes of a key, where every one is kept. */
  earlier(shard: number, id: string): string {
    return `${this.#prefix(shard)}v:${id}`
  }

  instances(shard: number): string {
    return `${this.#prefix(shard)}i`
  }

  lock(name: string): string {
    return `{${this.#name}/locks}:k:${name}`
  }

  /** For SCAN: entries of a shard, or of all of them, whose id begins with this. */
  pattern(shard: number | undefined, idPrefix: string): string {
    const prefix = shard === undefined ? `{${this.#name}/*}:` : this.#prefix(shard)
    return `${prefix}e:${idPrefix.replace(/[\\*?[\]]/g, '\\$&')}*`
  }

  /** `undefined`: not the key of an entry of a shard that is here. */
  placeOf(key: string): { readonly shard: number; readonly id: string } | undefined {
    const end = key.indexOf('}:e:')
    const shard = this.#shardOfTag.get(key.slice(1, end))
    if (shard === undefined || end < 0 || !this.#isHere(shard)) return undefined
    return { shard, id: key.slice(end + 4) }
  }

  #prefix(shard: number): string {
    const prefix = this.#prefixes[shard]
    if (prefix === undefined) throw new RangeError(`There is no shard ${shard}.`)
    return prefix
  }
}

function keysOf(tag: string, { stream, cluster }: KeyNamesOptions): ShardKeys {
  const absent = `{${tag}}:-`
  const ofShard = (name: string): string => (cluster ? `{${tag}}:${name}` : name)
  return {
    control: `{${tag}}:c`,
    numbers: `{${tag}}:n`,
    due: `{${tag}}:d`,
    awaited: `{${tag}}:w`,
    absent,
    events: stream === undefined ? absent : ofShard(stream),
  }
}
