import { AdminProblem } from './admin-problem.ts'
import { checkAgainst } from './check-against.ts'
import type { Schema } from './schema.ts'

const EMPTY: Schema = { type: 'object', properties: {}, additionalProperties: false }

/**
 * The query as an object, checked; numbers where the schema says so, defaults where nothing was given.
 *
 * @throws AdminProblem
 */
export function readQuery(
  schema: Schema = EMPTY,
  { searchParams }: URL,
): Readonly<Record<string, unknown>> {
  const { properties = {} } = schema
  // Without a prototype: `__proto__` is a name like any other.
  const query: Record<string, unknown> = Object.create(null)
  for (const [name, text] of searchParams) {
    if (Object.hasOwn(query, name)) {
      throw new AdminProblem('bad-request', 'Expected each name of the query once.', {
        field: Object.hasOwn(properties, name) ? name : 'query',
      })
    }
    const inner = Object.hasOwn(properties, name) ? properties[name] : undefined
    query[name] = asTyped(inner, text)
  }
  for (const [name, { default: value }] of Object.entries(properties)) {
    if (value !== undefined && !Object.hasOwn(query, name)) query[name] = value
  }
  checkAgainst(schema, query, 'query')
  return query
}

/** What is no number in plain digits stays text, and is refused as such. */
function asTyped(schema: Schema | undefined, text: string): string | number {
  const isNumber = schema?.type === 'integer' || schema?.type === 'number'
  return isNumber && /^-?\d{1,15}(\.\d{1,15})?$/.test(text) ? Number(text) : text
}
