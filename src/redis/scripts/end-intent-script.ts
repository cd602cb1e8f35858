/**
 * A write to the source ends: its tags are gone, and what it wrote stands in the entry's place if
 * nothing came between. Otherwise the entry is gone.
 *
 * The value's stamp is the number of the begin, so that a removal during the write judges it. The
 * tags of all ends of the batch are removed first, so that a value never outlives one of its own. Of
 * two ends of one key, neither leaves a value. The lease ends with the deadline, and by every floor.
 */

import { defineStep, type ShardArg, type ShardKey, type StepScript } from './define-step.ts'
import { readFlags } from './read-flags.ts'

export interface EndIntentNames {
  readonly keys: ShardKey
  readonly args: ShardArg
  readonly itemKeys: 'entry' | 'lease' | 'dead'
  readonly itemArgs:
    | 'id'
    | 'bucket'
    | 'token'
    | 'removed'
    | 'begunEpoch'
    | 'sets'
    | 'written'
    | 'tags'
    | 'envelope'
  readonly itemNumbers: 'begunNumber' | 'ttl' | 'grace'
}

/** Answers which values were set. */
export const endIntentScript: StepScript<EndIntentNames, readonly boolean[]> = defineStep<
  EndIntentNames,
  readonly boolean[]
>({
  name: 'end-intent',
  item: {
    keys: ['entry', 'lease', 'dead'],
    args: ['id', 'bucket', 'token', 'removed', 'begunEpoch', 'sets', 'written', 'tags', 'envelope'],
    numbers: ['begunNumber', 'ttl', 'grace'],
  },
  whenFull: 'runs',
  order: 'numbered',
  parts: ['entries', 'tags', 'leases', 'intents', 'glob', 'judge'],
  body: `
    local at = #items > 0 and number()
    local function intentOf(item)
      local entry = parse(redis.call('GET', item.entry))
      return entry and entry.kind == INTENT and entry or nil
    end
    local function find(item, tokens)
      for i, one in ipairs(tokens) do
        if one.token == item.token then return i, one end
      end
    end

    local gone, ends = {}, {}
    for _, item in ipairs(items) do
      ends[item.id] = (ends[item.id] or 0) + 1
      for _, tag in ipairs(tagsOf(item.removed)) do gone[#gone + 1] = tag end
      local entry = intentOf(item)
      for _, one in ipairs(entry and entry.tokens or {}) do
        if one.token == item.token or one.deadline <= now then
          for _, tag in ipairs(one.tags) do gone[#gone + 1] = tag end
        end
      end
    end
    tagSteps().remove(gone, 'delete')

    local function mayStand(item, tokens, mine)
      local held, begun = leaseOf(item), item.begunNumber
      return item.sets == '1' and ends[item.id] == 1 and mine and #tokens == 1 and held and held.token == item.token
        and item.begunEpoch == epoch and mine.epoch == epoch and mine.number == begun
        and standing(item, begun, tagsOf(item.tags)) == 'stands'
    end
    -- A dead letter that is older than what the source has now: queued again, it would undo it.
    local function endDead(item)
      local letter = item.written == '1' and item.begunEpoch == epoch and redis.call('HGET', item.dead, item.id)
      if not letter then return end
      local _, length, from = struct.unpack('<dI', letter)
      local one = parse(string.sub(letter, from + length))
      if one.stamp and one.stamp < item.begunNumber then redis.call('HDEL', item.dead, item.id) end
    end
    local function finishWrite(item)
      endDead(item)
      local entry = intentOf(item)
      local tokens = entry and entry.tokens or {}
      local index, mine = find(item, tokens)
      local waiting = not entry and parse(redis.call('GET', item.entry))
      if waiting and waiting.kind == DIRTY then
        -- It was queued after the deadline of this write, and may be older than what that has written.
        mark(item, waiting)
        endLease(item)
        changed(item, at, 'delete')
        return 0
      end
      local set = mayStand(item, tokens, mine)
      local others = {}
      for i, one in ipairs(tokens) do
        if i ~= index and one.deadline > now then others[#others + 1] = one end
      end
      putIntents(item, others)
      if set then putValue(item, mine.number) end
      endLease(item)
      changed(item, at, 'delete')
      return set and 1 or 0
    end
    local answers = {}
    for i, item in ipairs(items) do answers[i] = finishWrite(item) end
    return answers`,
  read: readFlags,
})
