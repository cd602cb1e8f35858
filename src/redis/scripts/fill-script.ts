/** The step after a load: stores what was loaded, unless something has changed since it began. */

import { defineStep, type ShardArg, type ShardKey, type StepScript } from './define-step.ts'
import { readFlags } from './read-flags.ts'

export interface FillNames {
  readonly keys: ShardKey
  readonly args: ShardArg
  readonly itemKeys: 'entry' | 'lease'
  readonly itemArgs: 'id' | 'bucket' | 'token' | 'granted' | 'tags' | 'renews' | 'envelope'
  readonly itemNumbers: 'grant' | 'ttl' | 'grace'
}

/** Answers which values were stored. */
export const fillScript: StepScript<FillNames, readonly boolean[]> = defineStep<
  FillNames,
  readonly boolean[]
>({
  name: 'fill',
  item: {
    keys: ['entry', 'lease'],
    args: ['id', 'bucket', 'token', 'granted', 'tags', 'renews', 'envelope'],
    numbers: ['grant', 'ttl', 'grace'],
  },
  whenFull: 'refused',
  order: 'none',
  parts: ['entries', 'tags', 'leases', 'intents', 'glob', 'judge'],
  body: `
    local function fill(item)
      local entry, held, grant = load(item), leaseOf(item), item.grant
      if not held or held.token ~= item.token or held.grant ~= grant then return 0 end
      if item.granted ~= epoch or isKept(entry) then return 0 end
      local stored = 0
      if standing(item, grant, tagsOf(item.tags)) == 'stands' then
        if item.renews == '' then
          putValue(item, grant)
          stored = 1
        elseif entry and entry.kind == VALUE and entry.epoch == epoch then
          renew(item, entry, grant)
          stored = 1
        end
      end
      endLease(item)
      return stored
    end
    local answers = {}
    for i, item in ipairs(items) do answers[i] = fill(item) end
    return answers`,
  read: readFlags,
})
