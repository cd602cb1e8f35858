/**
 * The part of JSON Schema that requests are checked by. The same objects stand in the OpenAPI document,
 * so that what it says is what is checked.
 */

export interface Schema {
  readonly type?: 'object' | 'array' | 'string' | 'number' | 'integer' | 'boolean' | 'null'
  readonly description?: string
  readonly enum?: readonly (string | number | boolean | null)[]
  readonly default?: string | number | boolean
  readonly minLength?: number
  readonly maxLength?: number
  readonly minimum?: number
  readonly maximum?: number
  readonly minItems?: number
  readonly maxItems?: number
  readonly items?: Schema
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  /** Requests: what is not named is refused. */
  readonly additionalProperties?: false
  readonly anyOf?: readonly Schema[]
}

/** An object of answers: all of its members are there. */
export function answered(
  description: string,
  properties: Readonly<Record<string, Schema>>,
): Schema {
  return { type: 'object', description, properties, required: Object.keys(properties) }
}

/** An object of requests: no other members than these. */
export function asked(
  properties: Readonly<Record<string, Schema>>,
  required: readonly string[] = [],
): Schema {
  return { type: 'object', properties, required, additionalProperties: false }
}

export function listOf(items: Schema, description = ''): Schema {
  return { type: 'array', items, ...(description !== '' && { description }) }
}

/** Also `null`, where nothing is known. */
export function maybe(schema: Schema): Schema {
  return { anyOf: [schema, { type: 'null' }] }
}

export const text: Schema = { type: 'string' }
export const whole: Schema = { type: 'integer' }
export const number: Schema = { type: 'number' }
export const truth: Schema = { type: 'boolean' }
export const instant: Schema = { type: 'integer', description: 'Epoch milliseconds' }
export const share: Schema = { type: 'number', description: 'Of 1' }
