/** `tiercel doctor`: looks at all that a cache stands on, and says what to do about what it finds. */

import type { Command, CommandContext, GivenOptions } from './command.ts'
import { type ConfigLine, readConfig } from './config-file.ts'
import { examineAdmin } from './doctor-admin.ts'
import { doctorLines } from './doctor-lines.ts'
import { examineShared } from './doctor-shared.ts'
import { EXIT, type ExitCode, UsageError } from './exit-code.ts'
import type { Examined } from './finding.ts'
import { JSON_OPTION } from './json-option.ts'
import { maskedValue } from './masked-value.ts'
import { adminOf, namesTier, TARGET_OPTIONS } from './target-option.ts'
import { textTable } from './text-table.ts'

export const doctor: Command = {
  name: 'doctor',
  summary: 'check servers, files, instances, queues and configuration; each finding with its cure',
  usage: '[--redis <url> | --sqlite <path>] [--name <cache>] [--url <url>] [options]',
  about: `
Looks at whatever is named: the server or the file (whether it answers, version, memory and eviction, durability,
replicas, clock, how the entries lie over the shards), who follows it and what waits there, a running instance and
the others it knows of, and the configuration. It changes nothing. Ends with 0: nothing was found; 4: something
was; 3: somebody did not answer.`,
  options: [
    ...TARGET_OPTIONS,
    {
      name: 'config',
      value: '<path>',
      summary: 'a file of options in JSON, to be checked together with the environment',
    },
    {
      name: 'print-config',
      summary: 'print every option that has a value, and where it comes from; secrets are masked',
    },
    JSON_OPTION,
  ],
  examples: ['npx tiercel doctor --redis redis://127.0.0.1:6379 --name shop'],
  async run(given, context) {
    const parts = await examined(given, context)
    const config = await readConfig(given.text('config'), context.environment)
    if (config.problem !== undefined) parts.push(configProblem(given, config.problem))
    const answer = {
      facts: parts.flatMap(({ facts }) => facts),
      findings: parts.flatMap(({ findings }) => findings),
    }
    const shown = given.flag('print-config') ? printed(config.lines, given, context) : undefined
    await context.out(
      given.flag('json')
        ? `${JSON.stringify({ ...answer, ...(shown === undefined ? {} : { config: shown }) })}\n`
        : `${[...(shown === undefined ? [] : [...configTable(shown), '']), ...doctorLines(answer)].join('\n')}\n`,
    )
    return codeOf(parts)
  },
}

function codeOf(parts: readonly Examined[]): ExitCode {
  if (parts.some(({ away }) => away === true)) return EXIT.unreachable
  return parts.some(({ findings }) => findings.length > 0) ? EXIT.findings : EXIT.done
}

/** @throws UsageError where nothing is named. */
async function examined(given: GivenOptions, context: CommandContext): Promise<Examined[]> {
  const parts: Examined[] = []
  const hasAdmin = given.text('url') !== undefined || !!context.environment['TIERCEL_ADMIN_URL']
  if (namesTier(given)) parts.push(...(await examineShared(given, context)))
  if (hasAdmin) parts.push(await examineAdmin(adminOf(given, context)))
  const isConfig = given.flag('print-config') || given.text('config') !== undefined
  if (parts.length === 0 && !isConfig) {
    throw new UsageError('Say what: --redis or --sqlite with --name, --url, or --config')
  }
  return parts
}

function configProblem(given: GivenOptions, message: string): Examined {
  const about = given.text('config') ?? 'environment'
  const cure = 'Write the field as it is said; docs/environment.md and the schema list all of them.'
  return {
    facts: [],
    findings: [{ severity: 'bad', code: 'config', about, message, cure }],
  }
}

type PrintedLine = Omit<ConfigLine, 'from'> & { readonly from: ConfigLine['from'] | 'option' }

/** Options of the cache, and what the command itself goes by. */
function printed(
  lines: readonly ConfigLine[],
  given: GivenOptions,
  { environment }: CommandContext,
): readonly PrintedLine[] {
  const own = [
    ['url', 'TIERCEL_ADMIN_URL'],
    ['token', 'TIERCEL_ADMIN_TOKEN'],
    ['redis', ''],
    ['sqlite', ''],
    ['name', ''],
  ] as const
  const named = own.flatMap(([option, variable]): PrintedLine[] => {
    const typed = maskedValue(option, given.text(option))
    if (typed !== null) return [{ option: `--${option}`, value: typed, from: 'option' }]
    const found = maskedValue(option, environment[variable])
    return found === null ? [] : [{ option: `--${option}`, value: found, from: 'environment' }]
  })
  return [...lines, ...named]
}

function configTable(lines: readonly PrintedLine[]): readonly string[] {
  return textTable(
    [{ title: 'option' }, { title: 'value', most: 60 }, { title: 'from' }],
    lines.map(({ option, value, from }) => [
      option,
      typeof value === 'string' ? value : JSON.stringify(value),
      from,
    ]),
  )
}
