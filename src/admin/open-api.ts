/** The OpenAPI 3.1 document, made of the routes that the router goes by. */

import type { Route } from './route.ts'
import { answered, asked, type Schema, text } from './schema.ts'

export const API_PATH = '/api/v1/'

/** Of every problem. */
const problem: Schema = answered('What is wrong', {
  error: {
    ...asked({ code: text, message: text, field: text }, ['code', 'message']),
    description: 'In words of the API alone; `field` is what to look at',
  },
})

export function openApiDocument(routes: readonly Route[], base: string): object {
  const paths: Record<string, Record<string, object>> = {}
  for (const route of routes) {
    const path = `${base}${API_PATH}${route.path}`.replaceAll(/:(\w+)/g, '{$1}')
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operation(route) }
  }
  for (const name of ['live', 'ready']) paths[`${base}/health/${name}`] = { get: probe(name) }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Tiercel admin API',
      version: '1',
      description: 'Sees one cache and acts on it. Keys travel as text, with their type.',
    },
    paths,
    components: {
      schemas: { Problem: problem },
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer' },
        session: {
          type: 'apiKey',
          in: 'cookie',
          name: 'tiercel-{port}',
          description: 'Of `POST session`; the name ends with the port',
        },
      },
    },
  }
}

function operation(route: Route): object {
  const { method, path, role, summary, body, type = 'application/json', answer, status } = route
  const parameters = [...inPath(route), ...inQuery(route)]
  return {
    operationId: `${method.toLowerCase()}-${path.replaceAll(/[:/]+/g, '-')}`,
    summary,
    ...(role === 'none' ? { security: [] } : { security: [{ token: [] }, { session: [] }] }),
    'x-role': role,
    ...(parameters.length > 0 && { parameters }),
    ...(body !== undefined && {
      requestBody: { required: true, content: { 'application/json': { schema: body } } },
    }),
    responses: {
      [String(status ?? 200)]: {
        description: answer?.description || 'The answer',
        content: { [type]: answer === undefined ? {} : { schema: answer } },
      },
      default: {
        description: 'A problem',
        content: { 'application/json': { schema: { $ref: '#/components/schemas/Problem' } } },
      },
    },
  }
}

function inPath({ params = {} }: Route): readonly object[] {
  return Object.entries(params).map(([name, schema]) => ({
    name,
    in: 'path',
    required: true,
    schema,
  }))
}

function inQuery({ query }: Route): readonly object[] {
  return Object.entries(query?.properties ?? {}).map(([name, schema]) => ({
    name,
    in: 'query',
    required: query?.required?.includes(name) ?? false,
    schema,
  }))
}

function probe(name: string): object {
  const schema = answered('No detail', { status: { type: 'string', enum: ['ok', 'unavailable'] } })
  const content = { 'application/json': { schema } }
  return {
    operationId: `get-health-${name}`,
    summary: name === 'live' ? 'Whether the process answers at all' : 'Whether it can serve',
    security: [],
    responses: {
      200: { description: 'It does', content },
      503: { description: 'Not now', content },
    },
  }
}
