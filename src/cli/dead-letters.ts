/** `tiercel dead-letters list`, `retry` and `drop`: writes that were given up. */

import type { AdminClient } from './admin-client.ts'
import type { Command, CommandContext, CommandOption, GivenOptions } from './command.ts'
import { EXIT, UsageError } from './exit-code.ts'
import { counted } from './figures.ts'
import { JSON_OPTION } from './json-option.ts'
import { KEY_TYPE_OPTION, keyTypeOf, parseKey, type TypedKey, typedKey } from './key-option.ts'
import type { OpenDesk } from './open-desk.ts'
import { type LetterAnswer, letterLines } from './queue-lines.ts'
import { TARGET_OPTIONS, withTarget } from './target-option.ts'

const DEFAULT_LIMIT = 100
/** Of more than so many in a shard, the shared tier forgets some. */
const MOST = 10_000
/** Keys, and letters, that the API takes and gives at once. */
const PAGE = 1_000

const COLLECTION_OPTION: CommandOption = {
  name: 'collection',
  value: '<name>',
  summary: 'the collection that is written behind',
}
const KEY_OPTION: CommandOption = {
  name: 'key',
  value: '<key>',
  summary: 'of these keys',
  many: true,
}
const LIMIT_OPTION: CommandOption = {
  name: 'limit',
  value: '<count>',
  summary: `how many are listed (default: ${DEFAULT_LIMIT})`,
}

export const deadLettersList: Command = {
  name: 'dead-letters list',
  summary: 'list writes that were given up, and why',
  usage: '--collection <name> [options]',
  about: `
Lists writes that the source has refused for good, or too often, and why. Their values are not shown. Ends
with 4 where there are any.`,
  options: [COLLECTION_OPTION, LIMIT_OPTION, ...TARGET_OPTIONS, JSON_OPTION],
  async run(given, context) {
    const collection = given.required('collection')
    const limit = given.whole('limit', { least: 1, most: MOST }) ?? DEFAULT_LIMIT
    const { letters, ...rest } = await withTarget(given, context, async (target) =>
      target.kind === 'admin'
        ? {
            via: 'admin',
            where: target.admin.where,
            letters: await lettersOfAdmin(target.admin, collection, limit),
          }
        : {
            via: target.desk.kind,
            where: target.desk.where,
            letters: await lettersOfTier(target.desk, collection, limit),
          },
    )
    const lines = letterLines(letters)
    const words = lines.length === 0 ? 'There are no dead letters.' : lines.join('\n')
    const json = { ...rest, collection, deadLetters: letters }
    await context.out(given.flag('json') ? `${JSON.stringify(json)}\n` : `${words}\n`)
    return letters.length === 0 ? EXIT.done : EXIT.findings
  },
}

export const deadLettersRetry: Command = {
  name: 'dead-letters retry',
  summary: 'queue writes again that were given up',
  usage: '--collection <name> (--key <key> | --all) [options]',
  about: `
Queues dead letters again, as the latest writes of their keys, due at once. Those whose keys have a later write
that waits are forgotten, since it replaces them.`,
  options: [
    COLLECTION_OPTION,
    KEY_OPTION,
    KEY_TYPE_OPTION,
    { name: 'all', summary: 'every one of them' },
    ...TARGET_OPTIONS,
    JSON_OPTION,
  ],
  run: (given, context) => change('retry', given, context),
}

export const deadLettersDrop: Command = {
  name: 'dead-letters drop',
  summary: 'forget writes that were given up',
  usage: '--collection <name> (--key <key> | --all) [options]',
  about: `
Forgets dead letters for good: the source never gets these writes. List them first.`,
  options: [
    COLLECTION_OPTION,
    KEY_OPTION,
    KEY_TYPE_OPTION,
    { name: 'all', summary: 'every one of them' },
    ...TARGET_OPTIONS,
    JSON_OPTION,
  ],
  run: (given, context) => change('drop', given, context),
}

async function change(
  what: 'retry' | 'drop',
  given: GivenOptions,
  context: CommandContext,
): Promise<void> {
  const collection = given.required('collection')
  const keyType = keyTypeOf(given)
  const named = given.all('key').map((key) => ({ key, keyType }))
  if (named.length === 0 && !given.flag('all')) {
    throw new UsageError('Say which: --key, or --all of them')
  }
  if (named.length > 0 && given.flag('all')) throw new UsageError('One of --key and --all')
  for (const { key } of named) parseKey(key, keyType)
  const answer = await withTarget(given, context, async (target) =>
    target.kind === 'admin'
      ? {
          via: 'admin',
          where: target.admin.where,
          count: await changeByAdmin(target.admin, what, { collection, named }),
        }
      : {
          via: target.desk.kind,
          where: target.desk.where,
          count: await changeInTier(target.desk, what, { collection, named }),
        },
  )
  const done = what === 'retry' ? 'queued again' : 'forgotten'
  await context.out(
    given.flag('json')
      ? `${JSON.stringify({ ...answer, collection, [what === 'retry' ? 'retried' : 'dropped']: answer.count })}\n`
      : `${counted(answer.count, 'dead letter')} ${done}.\n`,
  )
}

interface Named {
  readonly collection: string
  /** Empty: all. */
  readonly named: readonly TypedKey[]
}

async function changeInTier(
  { desk }: OpenDesk,
  what: 'retry' | 'drop',
  { collection, named }: Named,
): Promise<number> {
  const keys = named.map(({ key, keyType }) => parseKey(key, keyType))
  if (keys.length === 0) {
    for await (const { key } of desk.queues.deadLetters(collection)) keys.push(key)
  }
  return await desk.queues[what](collection, keys)
}

async function changeByAdmin(
  admin: AdminClient,
  what: 'retry' | 'drop',
  { collection, named }: Named,
): Promise<number> {
  const route = `queues/${encodeURIComponent(collection)}/${what}`
  if (named.length === 0 && what === 'retry') return countIn(await admin.post(route, {}))
  if (named.length > 0) return await changeInPages(admin, route, named)
  let done = 0
  // The API drops what is named, and names so many at a time: until there are no more.
  for (let from = 0; from < MOST; from += PAGE) {
    const letters = await lettersOfAdmin(admin, collection, PAGE)
    if (letters.length === 0) break
    const dropped = await changeInPages(admin, route, letters)
    if (dropped === 0) break
    done += dropped
  }
  return done
}

async function changeInPages(
  admin: AdminClient,
  route: string,
  keys: readonly TypedKey[],
): Promise<number> {
  let done = 0
  for (let from = 0; from < keys.length; from += PAGE) {
    const some = keys.slice(from, from + PAGE).map(({ key, keyType }) => ({ key, keyType }))
    done += countIn(await admin.post(route, { keys: some }))
  }
  return done
}

function countIn(answer: { readonly retried?: number; readonly dropped?: number }): number {
  return answer.retried ?? answer.dropped ?? 0
}

async function lettersOfTier(
  { desk }: OpenDesk,
  collection: string,
  limit: number,
): Promise<readonly LetterAnswer[]> {
  const letters: LetterAnswer[] = []
  for await (const { key, ...letter } of desk.queues.deadLetters(collection)) {
    letters.push({ ...typedKey(key), ...letter })
    if (letters.length >= limit) break
  }
  return letters
}

async function lettersOfAdmin(
  admin: AdminClient,
  collection: string,
  limit: number,
): Promise<readonly LetterAnswer[]> {
  const route = `queues/${encodeURIComponent(collection)}/dead-letters`
  const letters = await admin.get<readonly LetterAnswer[]>(route, {
    limit: String(Math.min(limit, PAGE)),
  })
  return letters.map(({ key, keyType, kind, error, attempts, diedAt }) => {
    return { key, keyType, kind, error, attempts, diedAt }
  })
}
