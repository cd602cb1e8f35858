import { AdminProblem } from './admin-problem.ts'
import type { Schema } from './schema.ts'

/**
 * Checks what came in against its schema. What is refused is named by its field, and not shown: it may be
 * a key.
 *
 * @throws AdminProblem
 */
export function checkAgainst(schema: Schema, value: unknown, field: string): void {
  if (schema.anyOf !== undefined) {
    checkAny(schema.anyOf, value, field)
    return
  }
  if (schema.enum !== undefined && !schema.enum.includes(value as string)) {
    throw refuse(field, `one of ${schema.enum.map((word) => JSON.stringify(word)).join(', ')}`)
  }
  switch (schema.type) {
    case 'object':
      checkObject(schema, value, field)
      break
    case 'array':
      checkArray(schema, value, field)
      break
    case 'string':
      checkText(schema, value, field)
      break
    case 'integer':
    case 'number':
      checkNumber(schema, value, field)
      break
    case 'boolean':
      if (typeof value !== 'boolean') throw refuse(field, 'true or false')
      break
    default:
  }
}

function checkAny(schemas: readonly Schema[], value: unknown, field: string): void {
  for (const [index, schema] of schemas.entries()) {
    try {
      checkAgainst(schema, value, field)
      return
    } catch (error) {
      // The last one says what is wrong: the fullest of them stands there.
      if (index === schemas.length - 1) throw error
    }
  }
}

function checkObject(schema: Schema, value: unknown, field: string): void {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw refuse(field, 'an object')
  }
  const members = value as Readonly<Record<string, unknown>>
  const { properties = {}, required = [] } = schema
  for (const name of Object.keys(members)) {
    if (Object.hasOwn(properties, name)) continue
    throw refuse(field, `an object of no other members than ${Object.keys(properties).join(', ')}`)
  }
  for (const name of required) {
    if (!Object.hasOwn(members, name)) throw refuse(within(field, name), 'given')
  }
  for (const [name, inner] of Object.entries(properties)) {
    if (Object.hasOwn(members, name)) checkAgainst(inner, members[name], within(field, name))
  }
}

function checkArray(schema: Schema, value: unknown, field: string): void {
  const { minItems = 0, maxItems = Number.POSITIVE_INFINITY, items = {} } = schema
  if (!Array.isArray(value) || value.length < minItems || value.length > maxItems) {
    throw refuse(field, `an array of ${minItems} to ${maxItems}`)
  }
  for (const [index, item] of value.entries()) checkAgainst(items, item, `${field}[${index}]`)
}

function checkText(schema: Schema, value: unknown, field: string): void {
  const { minLength = 0, maxLength = Number.POSITIVE_INFINITY } = schema
  const fits =
    typeof value === 'string' &&
    value.length >= minLength &&
    value.length <= maxLength &&
    value.isWellFormed()
  if (!fits) throw refuse(field, `well-formed text of ${minLength} to ${maxLength} characters`)
}

function checkNumber(schema: Schema, value: unknown, field: string): void {
  const { minimum = Number.NEGATIVE_INFINITY, maximum = Number.POSITIVE_INFINITY } = schema
  const fits =
    typeof value === 'number' &&
    value >= minimum &&
    value <= maximum &&
    (schema.type !== 'integer' || Number.isInteger(value))
  const kind = schema.type === 'integer' ? 'a whole number' : 'a number'
  if (!fits) throw refuse(field, `${kind} from ${minimum} to ${maximum}`)
}

/** Members of the body and of the query are known by their own names. */
function within(field: string, name: string): string {
  return field === 'body' || field === 'query' ? name : `${field}.${name}`
}

function refuse(field: string, expected: string): AdminProblem {
  return new AdminProblem('bad-request', `Expected \`${field}\` to be ${expected}.`, { field })
}
