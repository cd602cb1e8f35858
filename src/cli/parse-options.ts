/** Options of one command, read from what was typed. No command has positional arguments. */

import { parseArgs } from 'node:util'
import type { CommandOption, GivenOptions } from './command.ts'
import { UsageError } from './exit-code.ts'
import { spanMs } from './span-ms.ts'

type Values = Readonly<Record<string, string | boolean | readonly string[] | undefined>>

/** @throws UsageError for what is no option, lacks its value, or has one that it does not take. */
export function parseOptions(
  args: readonly string[],
  options: readonly CommandOption[],
): GivenOptions {
  const values = parsed(args, options)
  for (const option of options) checkWords(option, values[option.name])
  const text = (name: string): string | undefined => {
    const value = values[name]
    return typeof value === 'string' ? value : undefined
  }
  return {
    text,
    required(name) {
      const value = text(name)
      if (value === undefined) throw new UsageError(`Option --${name} is missing`)
      return value
    },
    all: (name) => (values[name] as readonly string[] | undefined) ?? [],
    flag: (name) => values[name] === true,
    whole: (name, bounds) => wholeNumber(name, text(name), bounds),
    span: (name) => {
      const value = text(name)
      return value === undefined ? undefined : spanMs(name, value)
    },
  }
}

function parsed(args: readonly string[], options: readonly CommandOption[]): Values {
  const known = Object.fromEntries(
    options.map(({ name, value, many = false }) => [
      name,
      { type: value === undefined ? ('boolean' as const) : ('string' as const), multiple: many },
    ]),
  )
  try {
    return parseArgs({ args: [...args], options: known, allowPositionals: false }).values as Values
  } catch (error) {
    const { message } = error as Error
    // The first sentence says what is wrong; the others are about positional arguments.
    throw new UsageError(message.split('. ')[0])
  }
}

function checkWords({ name, words }: CommandOption, value: Values[string]): void {
  if (words === undefined || value === undefined || typeof value === 'boolean') return
  for (const one of typeof value === 'string' ? [value] : value) {
    if (words.includes(one)) continue
    throw new UsageError(`Option --${name} is one of ${words.join(', ')}, and not '${one}'`)
  }
}

function wholeNumber(
  name: string,
  value: string | undefined,
  { least, most }: { readonly least: number; readonly most: number },
): number | undefined {
  if (value === undefined) return undefined
  const number = /^\d{1,15}$/.test(value) ? Number(value) : Number.NaN
  if (number >= least && number <= most) return number
  throw new UsageError(
    `Option --${name} is a whole number from ${least} to ${most}, and not '${value}'`,
  )
}
