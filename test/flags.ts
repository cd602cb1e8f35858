/** Flags of the long harnesses: `--help` prints how they are called, and a mistake is told beside that. */

import { type ParseArgsConfig, parseArgs } from 'node:util'

type Options = NonNullable<ParseArgsConfig['options']>

/** Ends the process for `--help`, and for flags that are none. */
export function flagsOf<const O extends Options>(
  usage: string,
  options: O,
): ReturnType<typeof parseArgs<{ options: O }>>['values'] {
  const all = { ...options, help: { type: 'boolean', default: false } } as const
  try {
    const { values } = parseArgs({ options: all })
    if (!('help' in values && values.help === true)) return values
    process.stdout.write(`${usage}\n`)
    process.exit(0)
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : error}\n\n${usage}\n`)
    process.exit(2)
  }
}
