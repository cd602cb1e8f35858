/**
 * One side of the comparison: the shop with its cache, or without; the process that loads it, and the one
 * that judges it. Both sides are started alike, before the first pass. Called by `run-load.ts`.
 */

import { join } from 'node:path'
import { RemoteProcess } from '../processes/remote-process.ts'
import type { CannonAnswer, CannonArguments, CannonQuestion } from './cannon-questions.ts'
import type { Bounds } from './judge.ts'
import type {
  JudgeArguments,
  JudgeQuestion,
  JudgeReport,
  SourceAddress,
  SourceComparison,
} from './judge-questions.ts'
import type { LoadOptions } from './load-options.ts'
import { startShop } from './shop-process.ts'

export type SideName = 'on' | 'off'

export interface Side extends AsyncDisposable {
  readonly name: SideName
  readonly addresses: readonly string[]
  readonly pids: readonly number[]
  readonly load: (question: CannonQuestion) => Promise<CannonAnswer>
  readonly judge: JudgeProcess
}

interface JudgeProcess {
  readonly begin: () => Promise<void>
  readonly end: (observations: string) => Promise<JudgeReport>
  readonly compare: () => Promise<SourceComparison>
}

/** Where the instances of a side keep what they keep. */
export interface Places {
  readonly folder: string
  /** Absent: `source.db` in the folder. */
  readonly databaseUrl: string | undefined
  /** Absent: `cache.db` in the folder. Without a cache there is neither. */
  readonly redisUrl: string | undefined
}

/** As `docs/concepts/coherence.md` promises; a process by itself sees its own changes at once. */
export const boundsOf = (instances: number): Bounds =>
  instances === 1 ? { boundMs: 0, blindMs: 0 } : { boundMs: 1_000, blindMs: 5_000 }

export async function openSide(
  name: SideName,
  options: LoadOptions,
  { folder, databaseUrl, redisUrl }: Places,
): Promise<Side> {
  const { instances, connections, products, skew, seed, readsPerWrite, sourceDelayMs } = options
  await using opened = new AsyncDisposableStack()
  const shop = opened.use(
    await startShop(instances, {
      CACHE: name,
      DATA_DIR: folder,
      DATABASE_URL: databaseUrl ?? '',
      REDIS_URL: name === 'on' ? (redisUrl ?? '') : '',
      SEED_PRODUCTS: `${products}`,
      SOURCE_DELAY_MS: `${sourceDelayMs}`,
    }),
  )
  const addresses = shop.instances.map(({ address }) => address)
  const writes = Number.isFinite(readsPerWrite) ? readsPerWrite : null
  const cannon = opened.use(
    await remote(new URL('cannon-child.ts', import.meta.url), {
      addresses,
      connections,
      products,
      skew,
      seed,
      readsPerWrite: writes,
    } satisfies CannonArguments),
  )
  const judge = opened.use(
    await remote(new URL('judge-child.ts', import.meta.url), {
      addresses,
      products,
      seed: seed + 1,
      ...boundsOf(instances),
    } satisfies JudgeArguments),
  )
  const ask = <A>(question: JudgeQuestion): Promise<A> => judge.ask<A>(question)
  const source: SourceAddress =
    databaseUrl === undefined
      ? { kind: 'sqlite', path: join(folder, 'source.db') }
      : { kind: 'postgres', url: databaseUrl }
  const kept = opened.move()
  return {
    name,
    addresses,
    pids: shop.instances.map(({ pid }) => pid),
    load: (question) => cannon.ask<CannonAnswer>(question),
    judge: {
      begin: () => ask({ ask: 'begin' }),
      end: (observations) => ask({ ask: 'end', observations }),
      compare: () => ask({ ask: 'compare', source }),
    },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  }
}

function remote(module: URL, args: object): Promise<RemoteProcess> {
  return RemoteProcess.start(module, [JSON.stringify(args)])
}
