/** Reads of a simulated workload, each judged by what was known when it began. */

import type { CallParts } from './call-parts.ts'
import type { Instance } from './instance.ts'
import { CONNECTED_MS } from './judge.ts'
import { type ReadAnswer, type ReadRequest, readKey, readKeys } from './key-access.ts'
import { type SimulatedKey, shardOfKey } from './keys.ts'
import type { WriteToken } from './tokens.ts'

/** What was known when a read began. */
interface Asked {
  readonly key: string
  readonly began: number
  readonly connected: boolean
  readonly toldUntil: number
  readonly excused: boolean
  readonly own: number | undefined
  readonly token: number | undefined
  /** The least that the database held for its load; `undefined`: nothing of the key waits elsewhere. */
  readonly row: number | undefined
}

/** A load that went without the tier may be shared for so long. */
const LONGEST_LOAD_MS = 3_500
/** The cache asks nobody for up to so long, where calls of the tier went wrong. */
const TROUBLED_MS = 3_000

export class ReadCalls {
  readonly #parts: CallParts

  constructor(parts: CallParts) {
    this.#parts = parts
  }

  async one(
    instance: Instance,
    key: SimulatedKey,
    form: ReadRequest['form'],
    token?: WriteToken,
  ): Promise<void> {
    const asked = this.#ask(instance, key, token)
    const { trace } = this.#parts.network
    trace.say(
      () => `${instance.name} ${form} ${key.key} ${token ? `at least ${token.version}` : ''}`,
    )
    try {
      const answer = await readKey(instance, { key, form, minVersion: token?.token })
      this.#answered(instance, asked, answer)
    } catch (error) {
      this.#parts.tally.failedReads += 1
      trace.say(() => `${instance.name} cannot read ${key.key}: ${String(error)}`)
    }
  }

  async many(instance: Instance, keys: readonly SimulatedKey[]): Promise<void> {
    const asked = keys.map((key) => this.#ask(instance, key, undefined))
    try {
      const found = await readKeys(instance, keys)
      for (const one of asked) {
        const value = found.get(one.key)
        // Nothing is found for keys that are not there, and for plain keys that nobody has loaded.
        if (value !== undefined) {
          this.#answered(instance, one, { value, tier: 'unknown', stale: false })
        }
      }
    } catch {
      this.#parts.tally.failedReads += 1
    }
  }

  /** By the judge, when everything is at rest. */
  async last(instance: Instance, key: SimulatedKey): Promise<void> {
    const { judge } = this.#parts
    const answer = await readKey(instance, { key, form: 'read', minVersion: undefined })
    const value = answer.value ?? judge.absent(key.key)
    const latest = judge.latest(key.key)
    if (value === latest || !judge.isCovered(key.key)) return
    const text = `at rest, ${instance.name} answers ${key.key}=${value} from ${answer.tier}, the database has ${latest}`
    judge.violated('CO-12', text)
  }

  #ask(instance: Instance, key: SimulatedKey, token: WriteToken | undefined): Asked {
    const { network, judge } = this.#parts
    const { now } = network.time
    const shard = shardOfKey(key, network.sites.length)
    const followedAt = instance.followedAt(shard)
    const connected = now - followedAt <= CONNECTED_MS
    return {
      key: key.key,
      began: now,
      connected,
      toldUntil: connected ? now : followedAt,
      excused: now < network.site(shard).excusedUntil,
      own: instance.own.get(key.key),
      token: token?.version,
      row:
        this.#parts.setting.behind === undefined || key.collection === ''
          ? undefined
          : judge.historyOf(key.key).rowAt(now - LONGEST_LOAD_MS),
    }
  }

  #answered(instance: Instance, asked: Asked, { value: found, tier, stale }: ReadAnswer): void {
    const { tally, network, judge, met, setting } = this.#parts
    const { key, began, connected } = asked
    const value = found ?? judge.absent(key)
    const at = tier === 'unknown' && network.time.now === began ? 'memory' : tier
    this.#count(tier, stale)
    network.trace.say(
      () => `${instance.name} has ${key}=${value} from ${at}${stale ? ', stale' : ''}`,
    )
    const behind = judge.behind(key, value)
    const { own, token } = asked
    const { instances, rest } = this.#shardState(key, began)
    met(
      `${at} ${connected} ${stale} ${behind} ${key} ${own === value} ${token === value} ${instances} ${rest}`,
    )
    tally.reads += 1
    if (found !== undefined && !stale && (at === 'memory' || at === 'shared')) {
      this.#parts.cleanUpJudge?.read(key, instance)
    }
    // Served as stale while nobody can say: as was asked for. Of nothing, no answer tells that.
    const untold = tier === 'unknown' || found === undefined
    const declared = setting.whenBlind === 'serve-stale' && !connected && (stale || untold)
    const atLeast = mayLack(instance, asked, { value: found, tier: at, stale })
      ? asked.row
      : undefined
    const lookedAt = began - LONGEST_LOAD_MS
    const reading = { ...asked, instance: instance.name, value, tier: at, atLeast, lookedAt }
    if (!declared) judge.answered(reading)
  }

  #shardState(key: string, now: number): { readonly instances: string; readonly rest: string } {
    const { network, keys, instances } = this.#parts
    const known = keys.find((one) => one.key === key)
    const shard = known === undefined ? 0 : shardOfKey(known, network.sites.length)
    const connected = instances().map((one) => now - one.followedAt(shard) <= CONNECTED_MS)
    return { instances: connected.join(), rest: network.site(shard).stateOf(known?.id ?? '') }
  }

  #count(tier: ReadAnswer['tier'], stale: boolean): void {
    const { tally } = this.#parts
    if (stale) tally.stale += 1
    if (tier === 'unknown') return
    tally.told += 1
    if (tier === 'memory') tally.memory += 1
    if (tier === 'shared') tally.shared += 1
  }
}

/** Whether the source may have been asked in place of the tier, in which a write may wait. */
function mayLack(
  { troubledAt }: Instance,
  { began, connected }: Asked,
  { value, tier, stale }: ReadAnswer,
): boolean {
  if (stale && tier === 'source') return true
  // These calls do not tell, and of nothing nobody can say that it is stale.
  const untold =
    tier === 'unknown' || tier === 'refreshed' || (tier === 'source' && value === undefined)
  return untold && (!connected || troubledAt + TROUBLED_MS > began)
}
