import type { FastifyInstance } from 'fastify'
import { deadLetters } from '../operations/dead-letters.ts'
import type { Shop } from '../shop.ts'
import { statusPage } from './status-page.ts'
import { statusReport } from './status-report.ts'
import { STATUS_STYLE } from './status-style.ts'

/** Nothing from elsewhere, no script, forms to here, and nobody may put the page into a frame. */
const POLICY =
  "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

const LETTERS_ON_THE_PAGE = 20

/** The page at `/`, its style, and the same numbers as JSON. */
export function statusRoutes(app: FastifyInstance, shop: Shop): void {
  app.get('/', { schema: { hide: true } }, async (_, reply) => {
    reply.header('content-security-policy', POLICY).type('text/html; charset=utf-8')
    const [report, letters] = await Promise.all([
      statusReport(shop),
      // The shared tier may be given a rest, which the page is there to show.
      deadLetters(shop.catalogue, LETTERS_ON_THE_PAGE).catch(() => []),
    ])
    return statusPage(report, letters)
  })
  app.get('/status.css', { schema: { hide: true } }, async (_, reply) => {
    reply.type('text/css; charset=utf-8').header('cache-control', 'max-age=3600')
    return STATUS_STYLE
  })
  app.get('/status', { schema }, () => statusReport(shop))
}

const whole = { type: 'integer' }
const number = { type: 'number' }
const words = { type: 'string' }
const accuracy = object('From 0 to 1', { precision: number, recall: number })

const schema = {
  tags: ['operations'],
  summary: 'What the cache has done since the shop started',
  response: {
    200: object('The numbers of the page at `/`', {
      instance: words,
      uptimeSeconds: whole,
      sharedTier: object('What the instances share', { kind: words, name: words }),
      source: object('Where the products are', { kind: words, name: words }),
      sourceCalls: object('Statements sent to the source', { reads: whole, writes: whole }),
      following: object('Whether changes of other instances reach this one', {
        state: { type: 'string', enum: ['followed', 'blind', 'unknown'] },
        hints: whole,
        gaps: whole,
        follows: whole,
        breaker: { type: 'string', enum: ['closed', 'open', 'half-open'] },
        reason: words,
      }),
      reads: object('By the tier that answered', {
        total: whole,
        memory: whole,
        shared: whole,
        source: whole,
        hitRate: number,
      }),
      loads: object('Of the source', { total: whole, failed: whole, averageMs: number }),
      writes: whole,
      queue: object('Changes that wait for the source, of all instances; missing like `shared`', {
        waiting: whole,
        bytes: whole,
        oldestMs: number,
        deadLetters: whole,
      }),
      invalidations: whole,
      tierFailures: whole,
      memory: object('Of the tier in this process; missing while it cannot be told', {
        entries: whole,
        bytes: whole,
      }),
      shared: object('Missing while the shared tier cannot be asked', {
        entries: whole,
        bytes: whole,
        maxBytes: whole,
      }),
      residentBytes: whole,
      files: list(object('In the data folder', { name: words, bytes: whole })),
      patterns: list(
        object('By collection', {
          pattern: words,
          memoryHits: whole,
          sharedHits: whole,
          sharedMisses: whole,
          memoryMisses: whole,
          loads: whole,
          failedLoads: whole,
          loadMs: number,
        }),
      ),
      warming: list(
        object('The latest run of each collection and reason', {
          pattern: words,
          reason: { ...words, description: '`start` or `schedule`, for instance' },
          state: { type: 'string', enum: ['running', 'done', 'cancelled', 'failed', 'missed'] },
          done: { ...whole, description: 'Keys that are dealt with, whatever came of them' },
          expected: { ...whole, description: 'Missing where nobody knows beforehand' },
          loaded: whole,
          fresh: whole,
          absent: whole,
          failed: whole,
          elapsedMs: whole,
          toldAt: whole,
          missedTicks: whole,
          error: words,
        }),
      ),
      forecast: object('Of the products; missing where there is none yet', {
        startsAt: whole,
        on: { type: 'boolean', description: 'Whether it is carried out' },
        hours: { ...whole, description: 'That were compared with what came' },
        expected: list(object('The most reads first', { key: whole, reads: number })),
        past: list(
          object('The latest hour first', {
            startsAt: whole,
            forecast: accuracy,
            lastHour: accuracy,
          }),
        ),
      }),
    }),
  },
}

function object(description: string, properties: Readonly<Record<string, object>>): object {
  return { type: 'object', description, properties }
}

function list(items: object): object {
  return { type: 'array', items }
}
