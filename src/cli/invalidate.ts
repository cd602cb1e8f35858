/** `tiercel invalidate`: makes entries unservable, by key, tag, pattern or collection. */

import type { RemovalOrder } from '../desk/index.ts'
import type { AdminClient } from './admin-client.ts'
import type { Command, GivenOptions } from './command.ts'
import { UsageError } from './exit-code.ts'
import { counted, duration } from './figures.ts'
import { JSON_OPTION } from './json-option.ts'
import { KEY_TYPE_OPTION, type KeyType, keyTypeOf, parseKey } from './key-option.ts'
import type { OpenDesk } from './open-desk.ts'
import { TARGET_OPTIONS, withTarget } from './target-option.ts'

/** Stable. */
interface InvalidationAnswer {
  readonly via: 'admin' | 'redis' | 'sqlite'
  readonly where: string
  readonly dryRun: boolean
  /** Entries that could be served before; `null`: nobody counted. */
  readonly matched: number | null
  /** `false`: there are more than were counted. */
  readonly complete: boolean
  readonly done: boolean
  /** `pending`: the shared tier was away, and is told when it answers. */
  readonly state: 'done' | 'pending' | 'dry-run'
  readonly durationMs: number
}

export const invalidate: Command = {
  name: 'invalidate',
  summary: 'make entries unservable, by key, tag, pattern or collection; --dry-run counts them',
  usage:
    '(--key <key> | --tag <tag> | --pattern <glob> | --collection <name> | --everything) [options]',
  about: `
Makes entries unservable in every tier and every instance. With --collection, keys and patterns are those of
the collection, otherwise plain ones; alone it means all of its entries. Nothing is loaded anew, and no write
that waits for the source is touched.`,
  options: [
    { name: 'key', value: '<key>', summary: 'an entry', many: true },
    KEY_TYPE_OPTION,
    { name: 'tag', value: '<tag>', summary: 'entries that carry it', many: true },
    {
      name: 'match',
      value: '<any|all>',
      words: ['any', 'all'],
      summary: 'of several tags: one of them, or every one (default: any)',
    },
    { name: 'pattern', value: '<glob>', summary: 'entries whose key matches: *, ?, [a-z]' },
    { name: 'collection', value: '<name>', summary: 'whose keys are meant, or all of it' },
    { name: 'everything', summary: 'the whole cache' },
    { name: 'dry-run', summary: 'count what would go, and leave it' },
    ...TARGET_OPTIONS,
    JSON_OPTION,
  ],
  examples: [
    'npx tiercel invalidate --tag category:7 --dry-run',
    'npx tiercel invalidate --collection product --key 42 --key 43 --key-type number',
  ],
  async run(given, context) {
    const wanted = readWanted(given)
    const isDry = given.flag('dry-run')
    const answer = await withTarget(given, context, async (target) =>
      target.kind === 'admin'
        ? askAdmin(target.admin, wanted, isDry)
        : askTier(target.desk, wanted, isDry),
    )
    await context.out(given.flag('json') ? `${JSON.stringify(answer)}\n` : `${words(answer)}\n`)
  },
}

interface Wanted {
  readonly collection: string | undefined
  readonly keys: readonly string[]
  readonly keyType: KeyType
  readonly tags: readonly string[]
  readonly match: 'any' | 'all'
  readonly pattern: string | undefined
  readonly everything: boolean
}

/** @throws UsageError for what names nothing, or more than one thing. */
function readWanted(given: GivenOptions): Wanted {
  const wanted: Wanted = {
    collection: given.text('collection'),
    keys: given.all('key'),
    keyType: keyTypeOf(given),
    tags: given.all('tag'),
    match: (given.text('match') ?? 'any') as 'any' | 'all',
    pattern: given.text('pattern'),
    everything: given.flag('everything'),
  }
  const { keys, tags, pattern, everything, collection } = wanted
  const named = [keys.length > 0, tags.length > 0, pattern !== undefined, everything].filter(
    Boolean,
  )
  if (named.length > 1) {
    throw new UsageError('One of --key, --tag, --pattern and --everything at a time')
  }
  if (named.length === 0 && collection === undefined) {
    throw new UsageError('Say what: --key, --tag, --pattern, --collection or --everything')
  }
  if ((tags.length > 0 || everything) && collection !== undefined) {
    throw new UsageError('Tags, and everything, are of no collection: leave --collection out')
  }
  for (const key of keys) parseKey(key, wanted.keyType)
  return wanted
}

async function askAdmin(
  admin: AdminClient,
  { collection, keys, keyType, tags, match, pattern, everything }: Wanted,
  dryRun: boolean,
): Promise<InvalidationAnswer> {
  const isWhole = [...keys, ...tags].length === 0 && pattern === undefined && !everything
  const answer = await admin.post<
    Pick<InvalidationAnswer, 'matched' | 'complete' | 'done' | 'state' | 'durationMs'>
  >('invalidate', {
    ...(collection === undefined ? {} : { collection }),
    ...(keys.length === 0 ? {} : { keys: keys.map((key) => ({ key, keyType })) }),
    ...(tags.length === 0 ? {} : { tags, match }),
    ...(pattern === undefined ? {} : { pattern }),
    ...(everything || isWhole ? { everything: true } : {}),
    dryRun,
  })
  const { matched = null, complete = true, done, state, durationMs } = answer
  return { via: 'admin', where: admin.where, dryRun, matched, complete, done, state, durationMs }
}

async function askTier(
  { desk, kind, where, collections, complete }: OpenDesk,
  wanted: Wanted,
  dryRun: boolean,
): Promise<InvalidationAnswer> {
  const order = orderOf(wanted, ['', ...collections])
  const began = performance.now()
  const matched = dryRun ? await desk.count(order) : (await desk.remove(order)).found
  return {
    via: kind,
    where,
    dryRun,
    matched,
    complete: !dryRun || complete,
    done: !dryRun,
    state: dryRun ? 'dry-run' : 'done',
    durationMs: performance.now() - began,
  }
}

function orderOf(wanted: Wanted, among: readonly string[]): RemovalOrder {
  const { collection = '', keys, keyType, tags, match, pattern, everything } = wanted
  if (everything) return { kind: 'everything', among }
  if (tags.length > 0) return { kind: 'tags', tags, match, among }
  if (pattern !== undefined) return { kind: 'pattern', collection, pattern }
  if (keys.length === 0) return { kind: 'collection', collection }
  return { kind: 'keys', collection, keys: keys.map((key) => parseKey(key, keyType)) }
}

function words({ dryRun, matched, complete, state, durationMs }: InvalidationAnswer): string {
  const entries = matched === null ? 'Whatever matches' : counted(matched, 'entry', 'entries')
  if (dryRun) return `${complete ? '' : 'At least '}${entries} would go. Nothing was changed.`
  const when =
    state === 'pending'
      ? ' in the instance that was asked; the shared tier is away, and is told when it answers'
      : ''
  return `${entries} cannot be served any more${when} (${duration(durationMs)}).`
}
