/** Options of one command, each with a value, read from what was typed. */

import { parseArgs } from 'node:util'
import { UsageError } from './command.ts'

/** `flags`: those without a value. @throws UsageError for what is no option, or lacks its value. */
export function parseOptions(
  args: readonly string[],
  {
    values,
    flags = [],
  }: { readonly values: readonly string[]; readonly flags?: readonly string[] },
): Readonly<Record<string, string | boolean | undefined>> {
  const options = Object.fromEntries([
    ...values.map((name) => [name, { type: 'string' as const }]),
    ...flags.map((name) => [name, { type: 'boolean' as const }]),
  ])
  try {
    return parseArgs({ args: [...args], options, allowPositionals: false }).values as Readonly<
      Record<string, string | boolean | undefined>
    >
  } catch (error) {
    const { message } = error as Error
    // The first sentence says what is wrong; the others are about positional arguments, which no command has.
    throw new UsageError(message.split('. ')[0])
  }
}
