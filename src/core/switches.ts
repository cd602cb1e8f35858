/** `mode()` and `setMode()` of collections and plain keys: checked, carried out, and told. */

import { ConfigError } from '../contracts/errors.ts'
import type { ModeEvent } from '../contracts/events.ts'
import type { CacheMode, ModeOptions } from '../contracts/mode.ts'
import { CALLS, checkCall } from './check-call.ts'
import { DEFAULTS } from './defaults.ts'
import { checkOpen, type Engine } from './engine.ts'
import { checkWord, refuseArgument } from './field-check.ts'
import { FLEET_MODES, FleetModes } from './fleet-modes.ts'
import type { KeptRecord } from './kept-record.ts'
import type { Space } from './space.ts'
import { MODES, switchMode } from './switch-mode.ts'

export class Switches {
  readonly #engine: Engine
  /** `undefined`: this instance is all there is of the fleet. */
  readonly #fleet: FleetModes | undefined

  constructor(engine: Engine, ownRecord: (name: string) => KeptRecord) {
    this.#engine = engine
    const { shared } = engine
    this.#fleet =
      shared &&
      new FleetModes({
        engine,
        shared,
        record: ownRecord(FLEET_MODES),
        apply: (collection, mode) => {
          const space = engine.spaces.get(collection)
          if (space !== undefined) this.#apply(space, mode, 'fleet')
        },
      })
  }

  /** A collection begins as the fleet is. */
  declared(space: Space): void {
    const mode = this.#fleet?.modeOf(space.name)
    if (mode !== undefined) this.#apply(space, mode, 'fleet')
  }

  /** @throws ArgumentError; ConfigError; ClosedError; TierError */
  async set(space: Space, mode: CacheMode, options: ModeOptions = {}): Promise<void> {
    checkOpen(this.#engine)
    checkWord(mode, MODES, { field: 'mode', refuse: refuseArgument })
    checkCall(options, CALLS.mode)
    const { scope = DEFAULTS.modes.scope } = options
    checkWord(scope, ['instance', 'fleet'], { field: 'scope', refuse: refuseArgument })
    this.#checkTier(space, mode)
    if (scope === 'fleet' && this.#fleet !== undefined) await this.#fleet.set(space.name, mode)
    else this.#apply(space, mode, scope)
  }

  #apply(space: Space, mode: CacheMode, scope: ModeEvent['scope']): void {
    const { pattern, mode: before } = space
    if (!switchMode(space, mode)) return
    this.#engine.report({ type: 'mode', pattern, mode, before, scope })
  }

  #checkTier(space: Space, mode: CacheMode): void {
    const has = mode === 'memory' ? space.declaredMemory : this.#engine.shared
    if ((mode !== 'memory' && mode !== 'shared') || has !== undefined) return
    throw new ConfigError({
      field: 'mode',
      expected: `'on' or 'off', since there is no ${mode === 'memory' ? 'memory' : 'shared'} tier`,
      actual: mode,
    })
  }
}
