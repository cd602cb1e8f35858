/** Audits at a fixed interval, until the cache is closed. Each tells of itself by an event. */

import type { Cache } from '../contracts/cache.ts'
import type { Engine } from './engine.ts'

export function startAudits({
  engine,
  cache,
  everyMs,
}: {
  readonly engine: Engine
  readonly cache: Pick<Cache, 'audit'>
  readonly everyMs: number
}): void {
  let cancel = (): void => {}
  const arm = (): void => {
    if (engine.closing.aborted) return
    cancel = engine.clock.schedule(
      everyMs,
      () =>
        engine.background.run(
          'audit',
          cache.audit().finally(() => arm()),
        ),
      'upkeep',
    )
  }
  arm()
  engine.closing.addEventListener('abort', () => cancel(), { once: true })
}
