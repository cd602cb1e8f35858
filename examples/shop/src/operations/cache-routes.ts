/** What is cached of users, for whoever has the token of the administration. */

import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Admin } from 'tiercel/admin'
import { CacheCleaning } from '../cache/cache-cleaning.ts'
import { userIdParams } from '../server/api-schemas.ts'
import { problems } from '../server/describe-answer.ts'
import { type Problem, RequestError } from '../server/request-error.ts'
import type { Shop } from '../shop.ts'

interface ById {
  Params: { readonly id: number }
}

const TAGS = ['cache']

/** There are a thousand of them; a shop with millions would keep count instead. */
const USERS_AT_MOST = 100_000

export function cacheRoutes(app: FastifyInstance, shop: Shop): void {
  const { cache, customers, administration } = shop
  const { users } = customers
  const cleaning = new CacheCleaning(cache, users)

  app.register((guarded, _, ready) => {
    guarded.addHook('onRequest', async (request) => {
      // A token that nobody knows lets nobody in: then these are not there.
      if (!administration.hasToken) throw new RequestError(404, NOTHING)
      await letIn(administration.admin, request)
    })

    guarded.get('/admin/cache/stats', { schema: asking }, async () => {
      const { memory, shared } = await cache.usage()
      return {
        available: shared !== undefined,
        cachedUsers: await countUpTo(USERS_AT_MOST, users.keys()),
        keys: shared?.entries ?? memory.entries,
        memoryUsedBytes: shared?.bytes ?? memory.bytes,
        memoryThresholdBytes: shared?.maxBytes ?? null,
        cleanUp: cleaning.report(),
      }
    })

    guarded.post('/admin/cache/cleanup', { schema: cleaningUp }, async (_request, reply) => {
      return reply.code(202).send({ state: cleaning.begin() })
    })

    guarded.get<ById>('/admin/cache/user/:id', { schema: looking }, async ({ params: { id } }) => {
      const entry = await users.inspect(id)
      const cached = entry !== undefined && !entry.absent
      // Past its hour a user is still there, in case the source fails, and is not handed out.
      const data = cached ? await users.peek(id) : undefined
      return { cached, ...(entry && { ageMs: entry.ageMs }), ...(data && { data }) }
    })

    guarded.delete<ById>(
      '/admin/cache/user/:id',
      { schema: removing },
      async ({ params: { id } }, reply) => {
        await users.delete(id)
        return reply.code(204).send()
      },
    )
    ready()
  })
}

const NOTHING = { field: 'path', message: 'There is nothing here unless ADMIN_TOKEN is set.' }

/** @throws RequestError */
async function letIn(admin: Admin, { raw, ip, url, host, headers }: FastifyRequest): Promise<void> {
  const { method = 'GET', rawHeaders } = raw
  const sent = Object.entries(headers).map(([name, value]) => [name, String(value)])
  const init = { method, headers: Object.fromEntries(sent) }
  const request = new Request(`http://${host}${url}`, init)
  const role = method === 'GET' || method === 'HEAD' ? 'read' : 'write'
  const refusal = admin.refusal(request, role, { remoteAddress: ip, rawHeaders })
  if (refusal === undefined) return
  const { error } = (await refusal.json()) as { readonly error: Partial<Problem> }
  const { field = 'authorization', message = 'This is refused.' } = error
  throw new RequestError(refusal.status, { field, message })
}

async function countUpTo(most: number, keys: AsyncIterable<unknown>): Promise<number> {
  let count = 0
  for await (const _ of keys) {
    count += 1
    if (count === most) break
  }
  return count
}

const whole = { type: 'integer' } as const
const truth = { type: 'boolean' } as const
const security = [{ token: [] }]
const refused = problems(401, 403, 404, 429, 503)

const asking = {
  tags: TAGS,
  security,
  summary: 'What is cached, and how clean-up stands',
  response: {
    200: {
      description: 'Of the shared tier; of this process where it does not answer',
      type: 'object',
      properties: {
        available: { ...truth, description: 'The shared tier answers' },
        cachedUsers: whole,
        keys: whole,
        memoryUsedBytes: whole,
        memoryThresholdBytes: { type: ['integer', 'null'], description: 'null: nothing bounds it' },
        cleanUp: {
          type: 'object',
          properties: {
            running: { ...truth, description: 'It is done by itself, every so often' },
            executing: { ...truth, description: 'It is being done now, by this instance' },
            intervalMs: whole,
            last: {
              type: ['object', 'null'],
              description: 'That this instance has ended last; null: none yet, or others did each',
              properties: {
                endedAt: { ...whole, description: 'Milliseconds since 1970' },
                removed: whole,
                before: { ...whole, description: 'Cached users that were looked at' },
                after: { ...whole, description: 'Those of them that stay' },
                memoryBytes: {
                  type: ['object', 'null'],
                  description: 'Of the whole shared tier',
                  properties: { before: whole, after: whole },
                  required: ['before', 'after'],
                },
                durationMs: whole,
              },
              required: ['endedAt', 'removed', 'before', 'after', 'memoryBytes', 'durationMs'],
            },
          },
          required: ['running', 'executing', 'intervalMs', 'last'],
        },
      },
      required: [
        'available',
        'cachedUsers',
        'keys',
        'memoryUsedBytes',
        'memoryThresholdBytes',
        'cleanUp',
      ],
    },
    ...refused,
  },
}

const cleaningUp = {
  tags: TAGS,
  security,
  summary: 'Removes users from the cache that nobody has asked for in a month; answers at once',
  response: {
    202: {
      description: 'Whether it was begun now',
      type: 'object',
      properties: { state: { type: 'string', enum: ['begun', 'running'] } },
      required: ['state'],
    },
    ...refused,
  },
}

const looking = {
  tags: TAGS,
  security,
  summary: 'Whether a user is cached, and what is cached',
  params: userIdParams,
  response: {
    200: {
      description: 'Nothing is loaded for it',
      type: 'object',
      properties: {
        cached: truth,
        ageMs: { type: 'number' },
        data: { $ref: 'User#', description: 'Missing past its hour' },
      },
      required: ['cached'],
    },
    ...problems(400, 401, 403, 404, 429, 503),
  },
}

const removing = {
  tags: TAGS,
  security,
  summary: 'Removes a user from the cache; the source keeps it',
  params: userIdParams,
  response: {
    204: { description: 'Not cached any more, on any instance', type: 'null' },
    ...problems(400, 401, 403, 404, 429, 503),
  },
}
