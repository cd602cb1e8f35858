/** What goes in and out of the routes of users, as JSON Schema. */

import { instant, id as userId } from '../server/schema-parts.ts'

const countryCode = {
  type: 'string',
  pattern: '^[A-Z]{2}$',
  description: 'Of a country of `/countries`',
} as const
const sessionId = { type: 'string', pattern: '^[\\w-]{32}$' } as const

export const sessionIdParams = {
  type: 'object',
  properties: { id: { ...sessionId, description: 'From the answer to the login' } },
  required: ['id'],
} as const

export const USER_SCHEMAS = [
  {
    $id: 'UserDraft',
    type: 'object',
    properties: {
      name: { type: 'string', format: 'one line of text', maxLength: 120 },
      countryCode,
    },
    required: ['name', 'countryCode'],
    additionalProperties: false,
  },
  {
    $id: 'User',
    type: 'object',
    properties: {
      id: userId,
      name: { type: 'string' },
      countryCode,
      registeredAt: instant,
      lastLoginAt: instant,
    },
    required: ['id', 'name', 'countryCode', 'registeredAt', 'lastLoginAt'],
  },
  {
    $id: 'UserList',
    type: 'object',
    properties: {
      page: { type: 'integer' },
      pageSize: { type: 'integer' },
      total: { type: 'integer', description: 'Of all pages together' },
      items: { type: 'array', items: { $ref: 'User#' } },
    },
    required: ['page', 'pageSize', 'total', 'items'],
  },
  {
    $id: 'Welcome',
    type: 'object',
    properties: {
      userId,
      name: { type: 'string' },
      country: { type: 'string', description: 'By its name' },
      registeredAt: instant,
    },
    required: ['userId', 'name', 'country', 'registeredAt'],
  },
  {
    $id: 'Login',
    type: 'object',
    properties: { userId },
    required: ['userId'],
    additionalProperties: false,
  },
  {
    $id: 'Session',
    type: 'object',
    properties: { id: sessionId, userId, startedAt: instant },
    required: ['id', 'userId', 'startedAt'],
  },
  {
    $id: 'Countries',
    type: 'array',
    items: {
      type: 'object',
      properties: {
        code: { type: 'string', description: 'Two letters, as ISO 3166-1 has them' },
        name: { type: 'string' },
      },
      required: ['code', 'name'],
    },
  },
] as const
