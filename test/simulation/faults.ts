/** Makes the faults of a plan happen. */

import type { SeededRandom } from '../../src/testing/seeded-random.ts'
import type { Instance } from './instance.ts'
import { CONNECTED_MS } from './judge.ts'
import type { LoadJudge } from './load-judge.ts'
import type { Network } from './network.ts'
import type { Fault } from './plan.ts'

export interface FaultsParts {
  readonly network: Network
  readonly random: SeededRandom
  /** The last is the one that never dies. */
  readonly instances: readonly Instance[]
  readonly replace: (at: number) => void
  readonly loadJudge: LoadJudge | undefined
}

type FaultOf<Kind extends Fault['kind']> = Extract<Fault, { kind: Kind }>

/** Whatever a fault has caused is over. */
const RECOVERED_MS = 10_000
/** Servers' wall clocks differ by less. */
const SERVER_SKEW_MS = 200

export class Faults {
  readonly #parts: FaultsParts
  /** Those that die at their next commit, by name; at most as many as there are instances. */
  readonly #doomed = new Map<string, FaultOf<'crash'>>()

  constructor(parts: FaultsParts) {
    this.#parts = parts
  }

  happen(fault: Fault): void {
    const { network, instances } = this.#parts
    const { time, trace } = network
    trace.say(() => `FAULT ${JSON.stringify(fault)}`)
    const lastsMs = 'forMs' in fault ? fault.forMs : 0
    this.#parts.loadJudge?.fault(time.now + lastsMs + RECOVERED_MS)
    switch (fault.kind) {
      case 'cut': {
        const instance = instances[fault.instance]
        if (instance !== undefined) network.cut(instance.name, fault.shard, time.now + fault.forMs)
        return
      }
      case 'crash':
        this.#crash(fault)
        return
      case 'pause': {
        const instance = instances[fault.instance]
        if (instance !== undefined) instance.pausedUntil = time.now + fault.forMs
        return
      }
      case 'jump':
        instances[fault.instance]?.clock.jump(fault.byMs)
        return
      case 'failover':
        this.#failover(fault)
        return
      case 'restart':
        this.#restart(fault)
        return
      case 'full':
        network.site(fault.shard).master.fullUntil = time.now + fault.forMs
        return
      case 'control':
      case 'numbers':
      case 'flush':
        network.site(fault.shard).lose(fault.kind)
        return
      default:
        fault satisfies never
    }
  }

  /** The database has committed a write of this instance. */
  committed(by: string): void {
    const fault = this.#doomed.get(by)
    this.#doomed.delete(by)
    if (fault !== undefined) this.#crash({ ...fault, when: 'now' })
  }

  #crash(fault: FaultOf<'crash'>): void {
    const { instance: at, backAfterMs, when } = fault
    const { instances, network, replace } = this.#parts
    const instance = instances[at]
    if (instance === undefined || instance.dead) return
    if (when === 'at its next commit') {
      this.#doomed.set(instance.name, fault)
      return
    }
    network.trace.say(() => `${instance.name} dies`)
    // Of one that was doomed before, only now: its leases stand for as long.
    this.#parts.loadJudge?.fault(network.time.now + RECOVERED_MS)
    instance.dead = true
    network.time.after(backAfterMs, () => replace(at))
  }

  /** The replica stops following, and is promoted later without what came since. */
  #failover({ shard, lagMs, split, quiet, healAfterMs }: FaultOf<'failover'>): void {
    const { network, random, instances } = this.#parts
    const { time, trace } = network
    const site = network.site(shard)
    if (site.unsettled) return
    const old = site.master
    const lost = lagMs > 0 ? site.snapshot() : undefined
    site.detach()
    if (lagMs > 0) old.detachedAt = time.now
    time.after(lagMs, () => {
      const oldSide = split ? instances.filter(() => random.next() < 0.5) : []
      const offsetMs = (random.next() - 0.5) * SERVER_SKEW_MS
      site.promote(lost, offsetMs, new Set(oldSide.map(({ name }) => name)))
      old.dead = !split
      trace.say(
        () => `${site.master.name} is promoted, beside it: ${oldSide.map(({ name }) => name)}`,
      )
      if (quiet) site.excusedUntil = time.now + CONNECTED_MS
      for (const instance of instances) {
        if (!oldSide.includes(instance)) instance.moved(shard, old, quiet)
      }
      time.after(split ? healAfterMs : 0, () => {
        old.dead = true
        site.heal()
        for (const instance of instances) instance.moved(shard, old, false)
      })
    })
  }

  #restart({ shard, lostMs }: FaultOf<'restart'>): void {
    const { network, instances } = this.#parts
    const site = network.site(shard)
    if (site.unsettled) return
    const node = site.master
    const lost = lostMs > 0 ? site.snapshot() : undefined
    network.time.after(lostMs, () => {
      if (site.master !== node || site.unsettled) return
      site.restart(lost)
      network.trace.say(() => `${node.name} restarts`)
      for (const instance of instances) instance.moved(shard, node, false)
    })
  }
}
