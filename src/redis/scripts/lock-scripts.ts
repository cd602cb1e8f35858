/**
 * Locks: all or none of several names, in a hash tag of their own.
 *
 * The number of their control record is the token of each grant. Nobody follows it, so a grant tells
 * nothing; giving back does.
 */

import { PROTOCOL_VERSION } from '../protocol-version.ts'
import { defineStep, type ShardArg, type ShardKey, type StepScript } from './define-step.ts'
import { readReply } from './read-reply.ts'

export interface LockNames {
  readonly keys: ShardKey
  readonly args: ShardArg | 'owner' | 'ttlMs'
  readonly itemKeys: 'lock'
  readonly itemArgs: 'name'
}

/** `token` or, if somebody else holds one of them, for how long at least. */
export type AcquireReply =
  | { readonly token: number; readonly remainingMs: undefined }
  | { readonly token: undefined; readonly remainingMs: number }

const args = ['owner', 'ttlMs'] as const
const item = { keys: ['lock'], args: ['name'] } as const

const HOLDER = `
    local function holder(item)
      local text = redis.call('GET', item.lock)
      if not text then return nil end
      local token, name = string.match(text, '^(%d+) (.*)$')
      return name, tonumber(token)
    end`

export const lockScripts: {
  readonly acquire: StepScript<LockNames, AcquireReply>
  readonly renew: StepScript<LockNames, boolean>
  readonly release: StepScript<LockNames, undefined>
} = {
  acquire: defineStep<LockNames, AcquireReply>({
    name: 'acquire',
    args,
    item,
    whenFull: 'refused',
    order: 'none',
    parts: [],
    body: `${HOLDER}
    local shared, remaining = nil, nil
    for i, item in ipairs(items) do
      local name, token = holder(item)
      if name and name ~= owner then
        local left = redis.call('PTTL', item.lock)
        remaining = math.min(remaining or left, left)
      end
      if i == 1 then shared = name == owner and token
      elseif not (name == owner and token == shared) then shared = false end
    end
    if remaining then return { 0, remaining } end
    if shared then return { 1, shared } end
    seq = seq + 1
    redis.call('HSET', control, 'n', seq)
    for _, item in ipairs(items) do
      redis.call('SET', item.lock, digits(seq) .. ' ' .. owner, 'PX', ttlMs)
    end
    return { 1, seq }`,
    read: (answer) => {
      const [granted, number] = readReply.list(answer).map(readReply.number)
      return granted === 1
        ? { token: number ?? 0, remainingMs: undefined }
        : { token: undefined, remainingMs: Math.max(0, number ?? 0) }
    },
  }),
  renew: defineStep<LockNames, boolean>({
    name: 'renew',
    args,
    item,
    whenFull: 'runs',
    order: 'none',
    parts: [],
    body: `${HOLDER}
    for _, item in ipairs(items) do
      if holder(item) ~= owner then return 0 end
    end
    for _, item in ipairs(items) do redis.call('PEXPIRE', item.lock, ttlMs) end
    return 1`,
    read: (answer) => readReply.number(answer) === 1,
  }),
  release: defineStep<LockNames, undefined>({
    name: 'release-locks',
    args,
    item,
    whenFull: 'runs',
    order: 'none',
    parts: [],
    body: `${HOLDER}
    local names = {}
    for _, item in ipairs(items) do
      if holder(item) == owner then
        redis.call('UNLINK', item.lock)
        names[#names + 1] = cjson.encode(item.name)
      end
    end
    if #names > 0 then
      redis.pcall('PUBLISH', channel, '[${PROTOCOL_VERSION},"u",[' .. table.concat(names, ',') .. ']]')
    end
    return 0`,
    read: () => undefined,
  }),
}
