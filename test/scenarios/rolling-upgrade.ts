/**
 * Two releases of a collection side by side, as in a rolling upgrade: instances of both read and write the
 * same keys, and what they do is judged.
 *
 * Two things are judged. No value is misread: each has the shape of the release that reads it and belongs
 * to its key, no instance goes back behind its own writes, and no change of another is missed for longer
 * than is promised. And there is no thrash: in one life of an entry, each version is written at most once.
 */

import { setTimeout as pause } from 'node:timers/promises'
import { createEnvelopeFormat } from '../../src/codecs/envelope-format.ts'
import { jsonCodec } from '../../src/codecs/json-codec.ts'
import type { SharedSession, SharedTier } from '../../src/contracts/shared-tier.ts'
import {
  type Cache,
  type Collection,
  createCache,
  type Store,
  type StoreOutcome,
  TierError,
} from '../../src/index.ts'
import { SystemClock } from '../../src/memory/system-clock.ts'
import { SeededRandom } from '../../src/testing/seeded-random.ts'

const SILENT = { level: 'silent', warn: () => {}, error: () => {} } as const
const KEYS = 30
const TTL_MS = 1_000
/** What another process may miss of a change while it is connected, and room for a busy machine. */
const BOUND_MS = 1_000 + 1_000
const WRITES_SHARE = 0.02

/** What a release makes of a row: the field is another in each. */
type Shape = Readonly<Record<string, string | number>>

/** Of a value in the shared tier. */
interface Writing {
  readonly version: number
  /** The change that the entry's life began after. */
  readonly grant: number
  readonly at: number
}

export interface UpgradeReport {
  reads: number
  writes: number
  /** Fills that the tier has stored, by version. */
  readonly stored: Map<number, number>
  /** Loads of the source, by version. */
  readonly loads: Map<number, number>
  readonly misread: string[]
  readonly thrash: string[]
}

export interface UpgradePlan {
  /** One for each instance; of odd ones the release is the newer. */
  readonly tiers: readonly SharedTier[]
  readonly runMs: number
  readonly seed: number
  readonly migrates: boolean
}

/** Rows with the time of each change, by which a reader may be behind. */
class Rows {
  readonly #revisions = new Map<number, { readonly revision: number; readonly at: number }[]>()

  revisionOf(key: number): number {
    return this.#revisions.get(key)?.at(-1)?.revision ?? 0
  }

  change(key: number): number {
    const revision = this.revisionOf(key) + 1
    const changes = this.#revisions.get(key) ?? []
    changes.push({ revision, at: Date.now() })
    this.#revisions.set(key, changes)
    return revision
  }

  /** What everybody must have heard of by now. */
  knownSince(key: number, moment: number): number {
    const changes = this.#revisions.get(key) ?? []
    return changes.findLast(({ at }) => at <= moment)?.revision ?? 0
  }
}

/** Notes what is stored, and when keys change, by the numbers that the tier gave. */
class Ledger {
  readonly #format = createEnvelopeFormat({
    codecs: [],
    write: jsonCodec(),
    compression: undefined,
    compressors: [],
    maxInflatedBytes: 1_000,
    clock: new SystemClock(),
  })
  readonly #writings = new Map<string, Writing[]>()
  readonly #changes = new Map<string, number[]>()

  versionOf(id: string, bytes: Uint8Array): number {
    return this.#format.schemaVersionOf(id, bytes) ?? -1
  }

  stored(id: string, bytes: Uint8Array, where: Omit<Writing, 'version'>): void {
    const writing = { version: this.versionOf(id, bytes), ...where }
    this.#writings.set(id, [...(this.#writings.get(id) ?? []), writing])
  }

  changed(id: string, number: number): void {
    this.#changes.set(id, [...(this.#changes.get(id) ?? []), number])
  }

  get writings(): readonly Writing[] {
    return [...this.#writings.values()].flat()
  }

  /** Two of one version and key, with no change and no end of a life between them. */
  thrash(): string[] {
    return [...this.#writings].flatMap(([id, writings]) => {
      const changes = this.#changes.get(id) ?? []
      const lifeOf = ({ grant }: Writing): number =>
        Math.max(0, ...changes.filter((number) => number <= grant))
      const ordered = writings.toSorted((one, other) => one.at - other.at)
      return ordered.flatMap((one, index) => {
        const again = ordered
          .slice(index + 1)
          .find((other) => other.version === one.version && lifeOf(other) === lifeOf(one))
        const afterMs = again === undefined ? TTL_MS : again.at - one.at
        return afterMs < TTL_MS ? [`${id} in version ${one.version} again after ${afterMs} ms`] : []
      })
    })
  }
}

/** The tier, with what it stores noted down. */
function noted(tier: SharedTier, ledger: Ledger): SharedTier {
  const open: SharedTier['open'] = (context) => {
    const session = tier.open(context)
    const fill: SharedSession['fill'] = async (values) => {
      const answers = await session.fill(values)
      for (const [at, answer] of answers.entries()) {
        const value = values[at]
        if (value === undefined || answer instanceof TierError || answer.kind !== 'stored') continue
        const { id, grant, envelope } = value
        if (envelope === undefined) continue
        ledger.stored(id, envelope, { grant, at: answer.serverNow })
      }
      return answers
    }
    const endIntent: SharedSession['endIntent'] = async (requests) => {
      const answers = await session.endIntent(requests)
      for (const [at, answer] of answers.entries()) {
        const request = requests[at]
        if (request === undefined || answer instanceof TierError) continue
        const { sequence, serverNow, kind } = answer
        ledger.changed(request.id, sequence)
        const { envelope } = request.value ?? {}
        if (kind !== 'set' || envelope === undefined) continue
        ledger.stored(request.id, envelope, { grant: sequence, at: serverNow })
      }
      return answers
    }
    return overlaid(session, { fill, endIntent })
  }
  return { kind: tier.kind, open }
}

/**
 * As releases that know nothing of one another would see it: what a newer one has written looks like
 * nothing, and is replaced. The judge must find the thrash that comes of it.
 */
export function withoutVersions(tier: SharedTier, below: number): SharedTier {
  const ledger = new Ledger()
  const open: SharedTier['open'] = (context) => {
    const session = tier.open(context)
    const hidden = <T>(id: string, answer: T): T => {
      const { entry } = answer as { readonly entry?: { readonly envelope: Uint8Array } }
      const isNewer = entry !== undefined && ledger.versionOf(id, entry.envelope) >= below
      return isNewer ? { ...answer, entry: undefined } : answer
    }
    const read: SharedSession['read'] = async (keys) => {
      const answers = await session.read(keys)
      return answers.map((answer, at) => hidden(keys[at]?.id ?? '', answer))
    }
    const claim: SharedSession['claim'] = async (requests, options) => {
      const asked = requests.map((one) => ({ ...one, leftMs: Number.POSITIVE_INFINITY }))
      const answers = await session.claim(asked, options)
      return answers.map((answer, at) => hidden(requests[at]?.id ?? '', answer))
    }
    return overlaid(session, { read, claim })
  }
  return { kind: tier.kind, open }
}

function overlaid(session: SharedSession, own: Partial<SharedSession>): SharedSession {
  return new Proxy(session, {
    get(target, name) {
      if (Object.hasOwn(own, name)) return Reflect.get(own, name)
      const found: unknown = Reflect.get(target, name, target)
      return typeof found === 'function' ? found.bind(target) : found
    },
  })
}

const fieldOf = (version: number): string => `revisionOf${version}`

/** An instance of one release, and what it reads and writes. */
class Instance {
  readonly version: number
  readonly cache: Cache
  readonly #things: Collection<number, Shape>
  readonly #rows: Rows
  readonly #report: UpgradeReport
  readonly #random: SeededRandom
  readonly #at: number
  readonly #instances: number
  /** What this instance has written itself, by key. */
  readonly #own = new Map<number, number>()

  constructor(
    plan: UpgradePlan,
    at: number,
    parts: { readonly rows: Rows; readonly report: UpgradeReport; readonly tier: SharedTier },
  ) {
    const version = 1 + (at % 2)
    const { rows, report, tier } = parts
    this.version = version
    this.#rows = rows
    this.#report = report
    this.#at = at
    this.#instances = plan.tiers.length
    this.#random = new SeededRandom(plan.seed + at)
    this.cache = createCache({
      name: 'upgraded',
      shared: tier,
      instance: `release ${version}, ${at}`,
      logger: SILENT,
      sharedTimeout: '2s',
      defaults: { jitter: 0, ttl: TTL_MS, memoryTtl: 300 },
    })
    this.#things = this.cache.collection<number, Shape>('thing', {
      version,
      store: this.#store(),
      write: { put: 'through', create: 'around' },
      ...(plan.migrates ? { migrate: (value, from) => this.#migrated(value as Shape, from) } : {}),
    })
  }

  async run(until: number): Promise<void> {
    while (Date.now() < until) {
      const key = this.#random.below(KEYS)
      if (this.#random.next() < WRITES_SHARE) await this.#write(key)
      else await this.#read(key)
      await pause(this.#random.below(4))
    }
  }

  #store(): Store<number, Shape> {
    return {
      fencing: 'unfenced',
      load: async (key) => {
        const { loads } = this.#report
        loads.set(this.version, (loads.get(this.version) ?? 0) + 1)
        const shape = this.#shape(key, this.#rows.revisionOf(key))
        await pause(2)
        return shape
      },
      apply: async (writes) => {
        for (const { key } of writes) this.#own.set(key, this.#rows.change(key))
        await pause(1)
        return writes.map((): StoreOutcome => ({ kind: 'applied' }))
      },
    }
  }

  #shape(key: number, revision: number): Shape {
    return { key, [fieldOf(this.version)]: revision }
  }

  #migrated(value: Shape, from: number): Shape {
    const { key, [fieldOf(from)]: revision, ...rest } = value
    if (typeof key !== 'number' || typeof revision !== 'number' || Object.keys(rest).length > 0) {
      this.#report.misread.push(`${JSON.stringify(value)} was migrated from version ${from}`)
    }
    return this.#shape(Number(key), Number(revision))
  }

  /** The revision that is written through is that which the row will have: nobody else writes the key. */
  async #write(any: number): Promise<void> {
    const key = any - (any % this.#instances) + this.#at
    this.#report.writes += 1
    await this.#things.put(key, this.#shape(key, this.#rows.revisionOf(key) + 1))
  }

  async #read(key: number): Promise<void> {
    const own = this.#own.get(key) ?? 0
    const least = Math.max(own, this.#rows.knownSince(key, Date.now() - BOUND_MS))
    const value = await this.#things.get(key)
    this.#report.reads += 1
    const revision = value?.[fieldOf(this.version)]
    const fields = Object.keys(value ?? {})
      .sort()
      .join()
    const isWhole = fields === `key,${fieldOf(this.version)}` && value?.['key'] === key
    if (!isWhole || typeof revision !== 'number' || revision < least) {
      const words = `${JSON.stringify(value)} for ${key} at least at ${least}`
      this.#report.misread.push(`release ${this.version} has read ${words}`)
    }
  }
}

/** Plays it, and closes what it has opened. */
export async function playUpgrade(plan: UpgradePlan): Promise<UpgradeReport> {
  const rows = new Rows()
  const ledger = new Ledger()
  const report: UpgradeReport = {
    reads: 0,
    writes: 0,
    stored: new Map(),
    loads: new Map(),
    misread: [],
    thrash: [],
  }
  const instances = plan.tiers.map(
    (tier, at) => new Instance(plan, at, { rows, report, tier: noted(tier, ledger) }),
  )
  try {
    await Promise.all(instances.map(({ cache }) => cache.ready()))
    const until = Date.now() + plan.runMs
    await Promise.all(instances.map((instance) => instance.run(until)))
  } finally {
    await Promise.all(instances.map(({ cache }) => cache.close()))
  }
  for (const { version } of ledger.writings) {
    report.stored.set(version, (report.stored.get(version) ?? 0) + 1)
  }
  report.thrash.push(...ledger.thrash())
  return report
}
