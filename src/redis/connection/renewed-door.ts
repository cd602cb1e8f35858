/**
 * How nodes of a cluster are connected to, as the driver has shown it last. Its names may lead to
 * other addresses later, and its credentials may be others. Kept by `ClusterConnection`, which says
 * when it is time to look again.
 */

import { Fault } from './fault.ts'
import type { ClusterDoor, ClusterSource, NodeAddress, NodeClient } from './node-client.ts'

export class RenewedDoor implements ClusterDoor {
  readonly #source: ClusterSource
  #shown: ClusterDoor | undefined

  constructor(source: ClusterSource) {
    this.#source = source
  }

  /** What was shown before stays where this fails. @throws Error */
  async renew(): Promise<void> {
    this.#shown = await this.#source.prepare()
  }

  get seeds(): readonly NodeAddress[] {
    return this.#shown?.seeds ?? []
  }

  open(address: NodeAddress): NodeClient {
    return this.#known().open(address)
  }

  translate(address: NodeAddress): NodeAddress {
    return this.#known().translate(address)
  }

  #known(): ClusterDoor {
    if (this.#shown === undefined) throw new Fault('no node of the cluster has answered yet')
    return this.#shown
  }
}
