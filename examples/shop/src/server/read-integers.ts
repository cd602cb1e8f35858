import type { FastifyRequest } from 'fastify'

/** Only the way in which a number is written out: `1e3`, `007`, ` 1` and `1.0` are not. */
const WHOLE_NUMBER = /^(0|-?[1-9]\d*)$/

/**
 * Turns parameters of the address into numbers where their schema says so; a hook before the
 * validation, which then refuses whatever is still text or out of range.
 *
 * The framework's own conversion takes `1e3` for 1000 and an empty text for 0.
 */
export async function readIntegers(request: FastifyRequest): Promise<void> {
  const { schema } = request.routeOptions
  convert(request.params, schema?.params)
  convert(request.query, schema?.querystring)
}

function convert(texts: unknown, schema: unknown): void {
  if (!isObject(texts) || !isObject(schema) || !isObject(schema['properties'])) return
  for (const [name, rule] of Object.entries(schema['properties'])) {
    const text = texts[name]
    if (typeof text !== 'string' || !isObject(rule) || rule['type'] !== 'integer') continue
    if (WHOLE_NUMBER.test(text)) texts[name] = Number(text)
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
