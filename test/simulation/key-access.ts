/** The same calls for keys of the collection and for plain keys. */

import type { VersionToken } from '../../src/contracts/options.ts'
import type { Reading } from '../../src/contracts/reading.ts'
import type { InvalidationReceipt } from '../../src/contracts/receipts.ts'
import type { Instance } from './instance.ts'
import type { SimulatedKey } from './keys.ts'

export interface ReadAnswer {
  /** `undefined`: there is none. */
  readonly value: number | undefined
  /** `refreshed`: by the source, or by a write that waits for it. */
  readonly tier: 'memory' | 'shared' | 'source' | 'unknown' | 'refreshed'
  readonly stale: boolean
}

export interface ReadRequest {
  readonly key: SimulatedKey
  readonly form: 'get' | 'read' | 'refresh'
  readonly minVersion: VersionToken | undefined
}

export async function readKey(instance: Instance, request: ReadRequest): Promise<ReadAnswer> {
  const { key, form, minVersion } = request
  if (form === 'read') {
    const reading = await readingOf(instance, key, minVersion)
    const { tier } = reading
    if (!reading.found) return { value: undefined, tier, stale: false }
    return { value: reading.value, tier, stale: reading.stale }
  }
  const value = await valueFor(instance, key, form)
  return { value, tier: form === 'get' ? 'unknown' : 'refreshed', stale: false }
}

async function readingOf(
  { cache, things, database, plainOptions }: Instance,
  { key, collection, tags }: SimulatedKey,
  minVersion: VersionToken | undefined,
): Promise<Reading<number | undefined>> {
  if (collection !== '') return await things.read(key, { minVersion })
  const load = (): Promise<number | undefined> => database.load(key)
  return await cache.readOrLoad(key, load, { ...plainOptions, tags, minVersion })
}

async function valueFor(
  { cache, things, database, plainOptions }: Instance,
  { key, collection, tags }: SimulatedKey,
  form: 'get' | 'refresh',
): Promise<number | undefined> {
  if (collection !== '') return await things[form](key)
  const load = (): Promise<number | undefined> => database.load(key)
  const options = { ...plainOptions, tags }
  return form === 'get'
    ? await cache.getOrLoad(key, load, options)
    : await cache.refresh(key, load, options)
}

export async function readKeys(
  { cache, things }: Instance,
  keys: readonly SimulatedKey[],
): Promise<ReadonlyMap<string, number>> {
  const named = (plain: boolean): readonly string[] =>
    keys.filter(({ collection }) => (collection === '') === plain).map(({ key }) => key)
  const [stored, plain] = await Promise.all([
    things.getMany(named(false)),
    cache.getMany<number>(named(true)),
  ])
  return new Map([...stored, ...plain])
}

export async function expireKey(
  { cache, things }: Instance,
  { key, collection }: SimulatedKey,
): Promise<InvalidationReceipt> {
  return collection === '' ? await cache.expire(key) : await things.expire(key)
}

export async function touchKey(
  { cache, things }: Instance,
  { key, collection }: SimulatedKey,
): Promise<void> {
  await (collection === '' ? cache.touch(key) : things.touch(key))
}
