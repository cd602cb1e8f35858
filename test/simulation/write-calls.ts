/** Changes of a simulated workload: through the cache, beside it, and of what it holds alone. */

import type { InvalidationReceipt, WriteReceipt } from '../../src/contracts/receipts.ts'
import { type CallParts, noteWrite } from './call-parts.ts'
import type { Row } from './database.ts'
import type { Instance } from './instance.ts'
import { BOTH, COLLECTION, matchesPattern, PATTERN, type SimulatedKey } from './keys.ts'
import type { Telling } from './plan.ts'

export class WriteCalls {
  readonly #parts: CallParts
  /** Plain keys that are being set: each has one writer, which does one thing after the other. */
  readonly #setting = new Set<string>()

  constructor(parts: CallParts) {
    this.#parts = parts
  }

  async put(instance: Instance, key: SimulatedKey): Promise<void> {
    const version = this.#parts.judge.newVersion()
    const row: Row = { key: key.key, version, kind: 'row' }
    await this.#write(instance, [row], () => instance.things.put(key.key, version))
  }

  async remove(instance: Instance, key: SimulatedKey): Promise<void> {
    const { judge } = this.#parts
    // One after the other: what is sent of a removal does not tell which one it is.
    if (instance.removing.has(key.key)) return
    const version = judge.newVersion()
    instance.removing.set(key.key, version)
    const row: Row = { key: key.key, version, kind: 'no row' }
    await this.#write(instance, [row], () => instance.things.remove(key.key))
    instance.removing.delete(key.key)
  }

  async create(instance: Instance, key: SimulatedKey): Promise<void> {
    const version = this.#parts.judge.newVersion()
    const row: Row = { key: key.key, version, kind: 'row' }
    await this.#write(instance, [row], () => instance.things.create(key.key, version))
  }

  /** Of one key or of all: whatever was acknowledged before is at rest afterwards. */
  async flush(instance: Instance, key: SimulatedKey | undefined): Promise<void> {
    const { queueJudge, network, tally } = this.#parts
    const waiting = queueJudge.waiting(key?.key)
    network.trace.say(() => `${instance.name} flushes ${key?.key ?? 'all'}`)
    try {
      await instance.things.flush(key?.key)
      network.trace.say(() => `${instance.name} has flushed ${key?.key ?? 'all'}`)
      queueJudge.flushed(waiting)
    } catch (error) {
      tally.failedFlushes += 1
      network.trace.say(() => `${instance.name} could not flush: ${String(error)}`)
    }
  }

  /** The transaction changes a second row, which the cache learns of by its tag. */
  async putTagged(instance: Instance, key: SimulatedKey): Promise<void> {
    const { judge, database, keys } = this.#parts
    const version = judge.newVersion()
    // The rarer one is not removed by others all the time.
    const tag = version % 3 === 0 ? 'T' : 'U'
    const others = keys.filter(
      (one) => one !== key && one.collection === COLLECTION && one.tags.includes(tag),
    )
    const other = others[version % others.length]
    const row: Row = { key: key.key, version, kind: 'row' }
    const beside: readonly Row[] =
      other === undefined ? [] : [{ key: other.key, version: judge.newVersion(), kind: 'row' }]
    for (const one of beside) database.changesWith(version, one)
    await this.#write(instance, [row, ...beside], () =>
      instance.things.put(key.key, version, { invalidateTags: [tag] }),
    )
  }

  /** A row is changed by its one writer, which sets the value in the cache afterwards. */
  async set(writer: Instance, { key, tags }: SimulatedKey): Promise<void> {
    const { database, judge, network, tally } = this.#parts
    if (this.#setting.has(key)) return
    this.#setting.add(key)
    try {
      const version = judge.newVersion()
      database.commit({ key, version, kind: 'row' }, writer.name)
      await network.time.sleep(network.delay(), writer)
      network.trace.say(() => `${writer.name} sets ${key}=${version}`)
      const token = await writer.cache.set(key, version, { ...writer.plainOptions, tags })
      network.trace.say(() => `${writer.name} has set ${key}=${version}`)
      tally.writes += 1
      // The value may be an older one on its way late: only its writer knows that it is this one.
      if (!token.endsWith('source')) judge.coveredUpTo(key, version)
      noteWrite(this.#parts, writer, { key, version, token })
    } finally {
      this.#setting.delete(key)
    }
  }

  async expireTag(instance: Instance): Promise<void> {
    await instance.cache.expireTags(['T'])
  }

  /** Rows are changed by another program, which tells of it afterwards. */
  async external(named: readonly SimulatedKey[], tell: Telling): Promise<void> {
    const { database, judge, network, tally, met } = this.#parts
    const witness = this.#parts.witness()
    const keys = named.filter((key) => isTold(tell, key))
    if (keys.length === 0) return
    const rows = keys.map(({ key }): Row => ({ key, version: judge.newVersion(), kind: 'row' }))
    for (const row of rows) database.commit(row, 'another program')
    await network.time.sleep(3 * network.delay())
    const names = keys.map(({ key }) => key)
    network.trace.say(() => `${witness.name} tells of ${tell} ${names.join(' ')}`)
    const toldFrom = network.time.now
    const receipt = await told(witness, tell, names)
    network.trace.say(() => `${witness.name} has told of ${tell}: ${receipt.state}`)
    tally.removals += 1
    if (receipt.state === 'pending') tally.pendingRemovals += 1
    met(`told ${tell} ${receipt.state}`)
    for (const { key, version } of rows) {
      // What the tier was told of is lost with all else that it had.
      const isLost = judge.historyOf(key).anewAt >= toldFrom
      if (receipt.state === 'done' && !judge.isCovered(key, version) && !isLost) {
        const text = `the removal of ${key}=${version} was answered, and the tier was not told`
        judge.violated('CO-1', text)
      }
      noteWrite(this.#parts, witness, { key, version, token: receipt.version })
    }
  }

  async #write(
    instance: Instance,
    rows: readonly Row[],
    write: () => Promise<WriteReceipt>,
  ): Promise<void> {
    const { judge, queueJudge, tally, network, met } = this.#parts
    const names = rows.map(({ key, version }) => `${key}=${version}`).join(' ')
    network.trace.say(() => `${instance.name} writes ${names}`)
    try {
      const receipt = await instance.random.labelled(rows[0]?.version ?? 0, write)
      tally.writes += 1
      if (!receipt.protected) tally.unprotectedWrites += 1
      network.trace.say(() => `${instance.name} has written ${names}, ${receipt.protected}`)
      const [own] = rows
      // What else its transaction changes comes with it, later.
      const waits = receipt.durability !== undefined
      if (waits && own !== undefined) queueJudge.acknowledged(own)
      for (const { key, version } of waits ? rows.slice(0, 1) : rows) {
        met(`written ${key} ${receipt.protected} ${judge.behind(key, version)}`)
        if (!waits && receipt.protected && !judge.isCovered(key, version)) {
          const text = `${instance.name} was told that ${key}=${version} is protected, and the tier was not told`
          judge.violated('CO-1', text)
        }
        noteWrite(this.#parts, instance, { key, version, token: receipt.version })
      }
    } catch (error) {
      tally.failedWrites += 1
      network.trace.say(() => `${instance.name} could not write ${names}: ${String(error)}`)
    }
  }
}

function isTold(tell: Telling, key: SimulatedKey): boolean {
  // A plain key has one writer, which would not know of this one.
  if (key.collection === '') return false
  switch (tell) {
    case 'tag':
      return key.tags.includes('T')
    case 'all-tags':
      return BOTH.every((tag) => key.tags.includes(tag))
    case 'pattern':
      return matchesPattern(key)
    default:
      return true
  }
}

async function told(
  { cache, things }: Instance,
  tell: Telling,
  keys: readonly string[],
): Promise<InvalidationReceipt> {
  switch (tell) {
    case 'keys':
      return await things.deleteMany(keys)
    case 'tag':
      return await cache.invalidateTags(['T'])
    case 'all-tags':
      return await cache.invalidateTags(BOTH, { match: 'all' })
    case 'pattern':
      return await things.invalidatePattern(PATTERN)
    case 'collection':
      return await things.clear()
    case 'clear':
      return await cache.clear()
    default:
      return tell satisfies never
  }
}
