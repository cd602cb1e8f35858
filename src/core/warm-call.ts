/** `warm()` of a collection and of plain keys: checked, and handed to `warming/`. */

import { ArgumentError } from '../contracts/errors.ts'
import type { CacheKey } from '../contracts/source.ts'
import type { WarmTarget } from '../contracts/warm-target.ts'
import type { WarmItems, WarmOptions, WarmReport } from '../contracts/warming.ts'
import { DEFAULTS } from './defaults.ts'
import { checkOpen, type Engine } from './engine.ts'
import { checkWord, refuseArgument } from './field-check.ts'
import { DEFAULT_ENTRY_OPTIONS, resolveEntryOptions } from './resolve-entry-options.ts'

export type WarmCall = (
  items: WarmItems<CacheKey, unknown>,
  options: WarmOptions | undefined,
) => Promise<WarmReport>

const OFF: WarmReport = {
  outcome: 'cancelled',
  loaded: 0,
  fresh: 0,
  absent: 0,
  failed: 0,
  durationMs: 0,
}

export function warmCall(engine: Engine, target: WarmTarget): WarmCall {
  return async (items, options = {}) => {
    checkOpen(engine)
    checkItems(items)
    const { load: asked = DEFAULTS.warm.load, signal, ...entry } = options
    const load = checkWord(asked, ['missing', 'all'], { field: 'load', refuse: refuseArgument })
    resolveEntryOptions(entry, { base: DEFAULT_ENTRY_OPTIONS, path: '', refuse: refuseArgument })
    signal?.throwIfAborted()
    return (await engine.warming?.warm(target, items, { ...options, load })) ?? OFF
  }
}

/** @throws ArgumentError */
function checkItems(items: unknown): void {
  const fits =
    typeof items === 'object' &&
    items !== null &&
    (Symbol.iterator in items || Symbol.asyncIterator in items)
  if (fits) return
  throw new ArgumentError({
    field: 'items',
    expected: 'an iterable or an async iterable of keys, or of pairs of key and value',
    actual: items,
  })
}
