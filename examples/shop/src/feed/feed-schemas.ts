import { id, instant, page } from '../server/schema-parts.ts'

/** Each activity of a page is a tag of it, and an entry has 64 tags at most, two of which are the user's. */
const PAGE_SIZE_AT_MOST = 50

export const feedParams = {
  type: 'object',
  properties: { userId: { ...id, description: 'Whose feed it is' } },
  required: ['userId'],
} as const

export const feedQuery = {
  type: 'object',
  properties: {
    page,
    pageSize: { type: 'integer', minimum: 1, maximum: PAGE_SIZE_AT_MOST, default: 20 },
  },
  additionalProperties: false,
} as const

export const activityParams = {
  type: 'object',
  properties: { id: { ...id, description: 'Id of the activity' } },
  required: ['id'],
} as const

const draft = {
  userId: { ...id, description: 'Whose it is' },
  text: { type: 'string', format: 'plain text', minLength: 1, maxLength: 500 },
} as const

const activityDraft = {
  $id: 'ActivityDraft',
  type: 'object',
  properties: draft,
  required: ['userId', 'text'],
  additionalProperties: false,
} as const

const activity = {
  $id: 'Activity',
  type: 'object',
  properties: { id, ...draft, likes: { type: 'integer', minimum: 0 }, createdAt: instant },
  required: ['id', 'userId', 'text', 'likes', 'createdAt'],
} as const

const feed = {
  $id: 'Feed',
  type: 'object',
  properties: {
    userId: id,
    page: { type: 'integer' },
    pageSize: { type: 'integer' },
    total: { type: 'integer', description: 'Of all pages together' },
    items: { type: 'array', description: 'Newest first', items: { $ref: 'Activity#' } },
  },
  required: ['userId', 'page', 'pageSize', 'total', 'items'],
} as const

export const FEED_SCHEMAS = [activityDraft, activity, feed]
