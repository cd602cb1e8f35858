/**
 * What changed in a shard since a cursor, and the beat of the one who asks.
 *
 * A page never cuts between equal numbers, since the next one begins above its last; where all of a
 * page are of one number, it is longer than a page. Once a minute the beat forgets senders that have
 * sent nothing for ten minutes, and instances without a beat.
 *
 * Where the shard has moved to another server, the beat is noted still: who names the epoch that was drawn
 * for the move knows of it.
 *
 * A session that has left (`leave-script.ts`) does not come back by a beat that was on its way.
 *
 * Who has followed further than the numbers go has followed another server: they begin anew.
 */

import type { RedisReply } from '../connection/redis-connection.ts'
import { defineStep, type ShardArg, type ShardKey, type StepScript } from './define-step.ts'
import { readReply } from './read-reply.ts'

export interface FollowNames {
  readonly keys: ShardKey | 'instances'
  readonly args: ShardArg | 'cursorEpoch' | 'cursor' | 'beat' | 'instance'
  readonly itemKeys: never
  readonly itemArgs: never
}

export interface FollowReply {
  readonly floor: number
  readonly taggedFloor: number
  readonly upTo: number
  /** Members of the change numbers with their numbers. */
  readonly members: readonly { readonly member: Uint8Array; readonly number: number }[]
  /** Ids with writes whose deadline has passed. */
  readonly overdue: readonly string[]
}

export const followScript: StepScript<FollowNames, FollowReply> = defineStep<
  FollowNames,
  FollowReply
>({
  name: 'follow',
  keys: ['instances'],
  args: ['cursorEpoch', 'cursor', 'beat', 'instance'],
  item: { keys: [], args: [] },
  whenFull: 'runs',
  whenMoved: 'noted',
  order: 'none',
  parts: [],
  body: `
    local PAGE, FORGOTTEN_AFTER, STANDING_MS = 1000, 600, 10000
    if not moved and cursorEpoch == epoch and tonumber(cursor) > seq then draw(here) end
    local from = cursorEpoch == epoch and tonumber(cursor) or 0
    local page = redis.call('ZRANGEBYSCORE', numbers, '(' .. digits(from), '+inf',
      'WITHSCORES', 'LIMIT', 0, PAGE + 1)
    local upTo = seq
    if #page > PAGE * 2 then
      local cut, last = #page, page[#page]
      while cut > 0 and page[cut] == last do cut = cut - 2 end
      if cut == 0 then
        page = redis.call('ZRANGEBYSCORE', numbers, last, last, 'WITHSCORES')
        upTo = tonumber(last)
      else
        for i = #page, cut + 1, -1 do page[i] = nil end
        upTo = tonumber(page[cut])
      end
    end

    local function forget()
      local swept = tonumber(redis.call('HGET', control, 's')) or 0
      if time[1] - swept < 60 then return end
      redis.call('HSET', control, 's', time[1])
      local fields = redis.call('HGETALL', control)
      for i = 1, #fields, 2 do
        local used = string.sub(fields[i], 1, 2) == 'o:' and string.match(fields[i + 1], ' (%d+)$')
        if used and time[1] - used > FORGOTTEN_AFTER then redis.call('HDEL', control, fields[i]) end
      end
      local standings = redis.call('HGETALL', instances)
      for i = 1, #standings, 2 do
        local beaten = tonumber(string.match(standings[i + 1], '^%d+')) or 0
        if now - beaten > STANDING_MS then redis.call('HDEL', instances, standings[i]) end
      end
    end
    local hasLeft = beat == '1'
      and string.find(redis.call('HGET', instances, session) or '', '^%d+ left$')
    if beat == '1' and not hasLeft then
      redis.call('HSET', instances, session,
        digits(now) .. ' ' .. digits(tonumber(cursor)) .. ' ' .. cursorEpoch .. ' ' .. instance)
      -- Without an end: a server that evicts what has one would make a change look confirmed by all.
      redis.call('PERSIST', instances)
      forget()
    end
    local overdue = redis.call('ZRANGEBYSCORE', due, '-inf', now, 'LIMIT', 0, 100)
    return { floor, taggedFloor, upTo, page, overdue }`,
  read: readFollow,
})

function readFollow(reply: RedisReply): FollowReply {
  const [floor, taggedFloor, upTo, page, overdue] = readReply.list(reply)
  const flat = readReply.list(page)
  const members: { member: Uint8Array; number: number }[] = []
  for (let at = 0; at < flat.length; at += 2) {
    const member = readReply.bytes(flat[at])
    members.push({ member, number: readReply.number(flat[at + 1]) })
  }
  return {
    floor: readReply.number(floor),
    taggedFloor: readReply.number(taggedFloor),
    upTo: readReply.number(upTo),
    members,
    overdue: readReply.list(overdue).map(readReply.text),
  }
}
