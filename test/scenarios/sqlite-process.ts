/**
 * A process that uses a tier's file, started by the scenarios with `sqlite-` in their name:
 * `node sqlite-process.ts write PATH` until it is killed, or
 * `node sqlite-process.ts hammer PATH TRUTH PARITY MS`, which ends with one line of JSON.
 */

import { closeSync, openSync, readSync, writeSync } from 'node:fs'
import type { Clock } from '../../src/contracts/clock.ts'
import type { SharedKey, SharedSession } from '../../src/contracts/shared-tier.ts'
import { sqliteTier } from '../../src/sqlite/sqlite-tier.ts'
import { answersOf } from '../../src/testing/shared-steps.ts'
import { versionOf, wholeEnvelope } from './sqlite-envelope.ts'

const clock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  schedule(delayMs, task) {
    const timer = setTimeout(task, delayMs)
    return () => clearTimeout(timer)
  },
}

const life = { ttlMs: 60_000, graceMs: 0, tags: ['all'] }

function open(path: string): SharedSession {
  let ids = 0
  return sqliteTier(path).open({
    name: 'shop',
    instance: `${process.pid}`,
    clock,
    random: { next: Math.random, id: () => `${process.pid}x${ids++}` },
    report: () => {},
  })
}

/** Batches of values, each confirmed by a line once it is answered. */
async function write(path: string): Promise<void> {
  const session = open(path)
  await session.ready
  for (let version = 1; ; version += 1) {
    const values = Array.from({ length: 20 }, (_, index) => {
      const id = `:s:${(version * 7 + index) % 500}`
      return { id, collection: '', envelope: wholeEnvelope(id, version), ...life }
    })
    await session.set(values)
    process.stdout.write(`${version}\n`)
  }
}

interface Findings {
  reads: number
  hits: number
  fills: number
  refused: number
  changes: number
  busy: number
  torn: number
  stale: number
  errors: string[]
}

const KEYS = 8

/**
 * Loads keys from the truth, a file of numbers, and changes those of its own parity. What it reads
 * of its own keys must not be older than its last change that was answered.
 */
class Hammer {
  readonly findings: Findings = {
    reads: 0,
    hits: 0,
    fills: 0,
    refused: 0,
    changes: 0,
    busy: 0,
    torn: 0,
    stale: 0,
    errors: [],
  }
  readonly #session: SharedSession
  readonly #truth: number
  readonly #parity: number
  readonly #least = new Array<number>(KEYS).fill(0)
  #tokens = 0

  constructor(session: SharedSession, truth: number, parity: number) {
    this.#session = session
    this.#truth = truth
    this.#parity = parity
  }

  async run(until: number): Promise<void> {
    while (performance.now() < until) {
      try {
        if (Math.random() < 0.2) await this.#change()
        else await this.#load(Math.floor(Math.random() * KEYS))
      } catch (error) {
        const message = error instanceof Error ? error.message : String(error)
        if (message.includes('holds the lock')) this.findings.busy += 1
        else this.findings.errors.push(message)
      }
    }
  }

  async #load(index: number): Promise<void> {
    const key = keyOf(index)
    this.findings.reads += 1
    const least = this.#least[index] ?? 0
    const [reading] = answersOf(await this.#session.read([key]))
    if (reading?.entry !== undefined) return this.#judge(index, reading.entry.envelope, least)
    const token = `${process.pid}-${this.#tokens++}`
    const [answer] = answersOf(await this.#session.claim([{ ...key, token }], { leaseMs: 500 }))
    if (answer?.kind !== 'granted') return
    const version = this.#number(index)
    // The load takes a while, so that changes fall into it.
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 3))
    const envelope = wholeEnvelope(key.id, version)
    const { grant, epoch } = answer
    const fill = { ...key, ...life, token, grant, epoch, envelope }
    const [stored] = answersOf(await this.#session.fill([fill]))
    if (stored?.kind === 'stored') this.findings.fills += 1
    else this.findings.refused += 1
  }

  async #change(): Promise<void> {
    const index = Math.floor((Math.random() * KEYS) / 2) * 2 + this.#parity
    const version = this.#number(index) + 1
    writeSync(this.#truth, Buffer.from(new Float64Array([version]).buffer), 0, 8, index * 8)
    await this.#session.invalidate({ kind: 'keys', keys: [keyOf(index)], mode: 'delete' })
    this.findings.changes += 1
    this.#least[index] = Math.max(this.#least[index] ?? 0, version)
  }

  #judge(index: number, envelope: Uint8Array, least: number): void {
    this.findings.hits += 1
    const version = versionOf(keyOf(index).id, envelope)
    if (version === undefined) this.findings.torn += 1
    else if (index % 2 === this.#parity && version < least) this.findings.stale += 1
  }

  #number(index: number): number {
    const bytes = new Float64Array(1)
    readSync(this.#truth, bytes, 0, 8, index * 8)
    return bytes[0] ?? 0
  }
}

function keyOf(index: number): SharedKey {
  return { id: `:s:${index}`, collection: '' }
}

async function hammer(path: string, truthPath: string, parity: number, ms: number): Promise<void> {
  const session = open(path)
  await session.ready
  const truth = openSync(truthPath, 'r+')
  const hammering = new Hammer(session, truth, parity)
  const until = performance.now() + ms
  await Promise.all(Array.from({ length: 6 }, () => hammering.run(until)))
  await session.close()
  closeSync(truth)
  process.stdout.write(JSON.stringify(hammering.findings))
}

const [mode = '', path = '', truth = '', parity = '', ms = ''] = process.argv.slice(2)
if (mode === 'write') await write(path)
else await hammer(path, truth, Number(parity), Number(ms))
