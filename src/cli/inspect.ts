/** `tiercel inspect`: one key, and where it lives in each tier. */

import type { Command, CommandContext } from './command.ts'
import { type EntryAnswer, entryOfAdmin, entryOfTier } from './entry-answer.ts'
import { entryLines } from './entry-lines.ts'
import { EXIT } from './exit-code.ts'
import { JSON_OPTION } from './json-option.ts'
import { KEY_TYPE_OPTION, keyTypeOf, parseKey } from './key-option.ts'
import { TARGET_OPTIONS, withTarget } from './target-option.ts'

export const inspect: Command = {
  name: 'inspect',
  summary: 'show one key: where it lives, its times, tags and version, writes that wait',
  usage: '--key <key> [--collection <name>] [--key-type <type>] [options]',
  about: `
Shows one entry in each tier, without using it; its value is never shown. Straight from the shared tier it
knows nothing of the memory of the instances. Ends with 4 where there is no entry.`,
  options: [
    { name: 'key', value: '<key>', summary: 'the key' },
    KEY_TYPE_OPTION,
    { name: 'collection', value: '<name>', summary: 'its collection (default: plain keys)' },
    ...TARGET_OPTIONS,
    JSON_OPTION,
  ],
  examples: [
    'npx tiercel inspect --collection product --key 42 --key-type number',
    'npx tiercel inspect --redis redis://127.0.0.1:6379 --name shop --key greeting',
  ],
  async run(given, context) {
    const typed = { key: given.required('key'), keyType: keyTypeOf(given) }
    const key = parseKey(typed.key, typed.keyType)
    const collection = given.text('collection') ?? ''
    const answer = await withTarget(given, context, async (target) =>
      target.kind === 'admin'
        ? entryOfAdmin(target.admin, { collection, ...typed })
        : entryOfTier(target.desk, { collection, key }),
    )
    await tell(answer, given.flag('json'), context)
    return answer.found ? EXIT.done : EXIT.findings
  },
}

async function tell(answer: EntryAnswer, isJson: boolean, { out }: CommandContext): Promise<void> {
  await out(isJson ? `${JSON.stringify(answer)}\n` : `${entryLines(answer).join('\n')}\n`)
}
