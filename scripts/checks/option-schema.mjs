/**
 * The JSON Schema of a cache's options as far as a file can say them, made from the engine's own table and
 * its defaults. `test/package/schema.test.ts` writes it into `schema/`, and compares.
 */

import { DEFAULTS } from '../../src/core/defaults.ts'
import { OPTION_TABLE } from '../../src/core/option-table.ts'

/** @typedef {import('../../src/core/option-table.ts').OptionKind} OptionKind */
/** @typedef {Record<string, unknown>} Schema */

/** 100 years. */
const MAX_DURATION_MS = 36_525 * 86_400_000

/** Options whose default goes by another name. @type {ReadonlyMap<string, unknown>} */
const OTHER_DEFAULTS = new Map(
  Object.entries({
    'compression.algorithm': DEFAULTS.algorithm,
    'compression.above': DEFAULTS.above,
    'compression.maxInflatedBytes': DEFAULTS.maxInflatedBytes,
    'oldVersions.removeAfter': DEFAULTS.removal.removeAfter,
    'oldVersions.perSecond': DEFAULTS.removal.perSecond,
    'idle.after': DEFAULTS.cleanUp.after,
    'idle.every': DEFAULTS.cleanUp.every,
    'defaults.refreshAhead.after': DEFAULTS.ahead.after,
    'defaults.refreshAhead.beta': DEFAULTS.ahead.beta,
  }),
)

/** What two options together cannot say. @type {ReadonlyMap<string, Schema>} */
const TOGETHER = new Map([
  [
    'coherence',
    {
      not: {
        properties: { delivery: { const: 'at-most-once' }, follow: { const: 'poll' } },
        required: ['delivery', 'follow'],
      },
    },
  ],
])

/** @returns {Schema} */
export function optionSchema() {
  const rows = OPTION_TABLE.filter(({ path }) => path !== 'shared')
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Options of a Tiercel cache',
    description:
      'What `createCache` takes, as far as JSON can say it: the shared tier, codecs, functions and the logger are given in code.',
    ...objectOf('', rows),
    required: ['name'],
  }
}

/**
 * @param {string} prefix Of the paths that stand in the object; with its dot.
 * @param {typeof OPTION_TABLE} rows
 * @returns {Schema}
 */
function objectOf(prefix, rows) {
  /** @type {Record<string, Schema>} */
  const properties = {}
  const inside = rows.filter(({ path }) => path.startsWith(prefix))
  const names = new Set(inside.map(({ path }) => path.slice(prefix.length).split('.')[0] ?? ''))
  for (const name of names) properties[name] = optionOf(prefix + name, rows)
  const together = TOGETHER.get(prefix.slice(0, -1))
  return { type: 'object', properties, additionalProperties: false, ...together }
}

/**
 * @param {string} path
 * @param {typeof OPTION_TABLE} rows
 * @returns {Schema}
 */
function optionOf(path, rows) {
  const own = rows.find((row) => row.path === path)
  const isObject = rows.some((row) => row.path.startsWith(`${path}.`))
  const forms = [
    ...(own?.kinds ?? []).flatMap(formsOf),
    ...(isObject ? [objectOf(`${path}.`, rows)] : []),
  ]
  const stated = defaultOf(path)
  return {
    ...(forms.length === 1 ? forms[0] : { anyOf: forms }),
    ...(stated === undefined || typeof stated === 'object' ? {} : { default: stated }),
  }
}

/** @param {string} path */
function defaultOf(path) {
  if (OTHER_DEFAULTS.has(path)) return OTHER_DEFAULTS.get(path)
  const parts = path.replace(/^defaults\./, '').split('.')
  /** @type {unknown} */
  let value = DEFAULTS
  for (const part of parts) {
    value = typeof value === 'object' && value !== null ? Reflect.get(value, part) : undefined
  }
  return value
}

/**
 * @param {OptionKind} kind
 * @returns {Schema[]}
 */
function formsOf(kind) {
  switch (kind.is) {
    case 'word':
      return [{ enum: kind.words }]
    case 'text':
      return [{ type: 'string', pattern: kind.pattern }]
    case 'number': {
      const type = kind.whole === true ? 'integer' : 'number'
      return [{ type, minimum: kind.least, maximum: kind.most }]
    }
    case 'tags':
      return [
        { type: 'array', maxItems: 64, items: { type: 'string', minLength: 1, maxLength: 512 } },
      ]
    case 'duration': {
      const { zero, leastMs, mostMs = MAX_DURATION_MS } = kind
      const least =
        zero === true
          ? { minimum: 0 }
          : leastMs === undefined
            ? { exclusiveMinimum: 0 }
            : { minimum: leastMs }
      const digits = zero === true ? '' : '(?=[\\d.]*[1-9])'
      return [
        { type: 'number', ...least, maximum: mostMs },
        { type: 'string', pattern: `^${digits}\\d+(\\.\\d+)?(ms|s|m|h|d)$`, ...bounds(kind) },
      ]
    }
    default:
      return kind
  }
}

/**
 * Of a text a pattern cannot tell how long it is: whoever reads the file can.
 *
 * @param {Extract<OptionKind, { is: 'duration' }>} kind
 */
function bounds({ leastMs, mostMs }) {
  const least = leastMs === undefined ? [] : [`at least ${leastMs} ms`]
  const most = mostMs === undefined ? [] : [`at most ${mostMs} ms`]
  const words = [...least, ...most].join(', ')
  return words === '' ? {} : { description: words }
}
