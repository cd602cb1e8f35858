/** What changed in a shard since a cursor, read from its numbers. */

import type { FollowAnswer, FollowRequest } from '../contracts/shared-tier.ts'
import { changeOfMember } from './change-members.ts'
import type { MemberNumber } from './shard-rows.ts'
import type { ShardState } from './shard-state.ts'

/** Changes on a page, unless more of them have one number. */
const PAGE = 1_000

/**
 * A cursor of another epoch counts as 0. One above the sequence was told by somebody who had numbers
 * that are missing here, so that a new epoch begins.
 */
export function followChanges(state: ShardState, request: FollowRequest): FollowAnswer {
  const known = request.epoch === state.control.epoch
  if (known && request.cursor > state.control.sequence) state.renew()
  const { epoch, sequence, floor, taggedFloor } = state.control
  const from = request.epoch === epoch ? request.cursor : 0
  const page = from < sequence ? pageAbove(state, from) : { found: [], upTo: sequence }
  const changes = page.found.flatMap(({ member, number }) => {
    const change = changeOfMember(member)
    return change === undefined ? [] : [{ ...change, number: Math.min(number, sequence) }]
  })
  return { ...state.moment, floor, taggedFloor, changes, upTo: page.upTo }
}

/** Ends between two numbers: whoever goes on from its last one has met all changes under it. */
function pageAbove(
  { rows, control }: ShardState,
  from: number,
): { readonly found: readonly MemberNumber[]; readonly upTo: number } {
  const { sequence } = control
  const found = rows.numbersAbove(from, PAGE + 1)
  const next = found[PAGE]?.number
  if (next === undefined) return { found, upTo: sequence }
  const whole = found.filter(({ number }) => number < next)
  const last = whole.at(-1)
  if (last !== undefined) return { found: whole, upTo: last.number }
  // All of one number, as after a removal of very many keys: it cannot be cut.
  const alike = rows.numbersAbove(from, Number.MAX_SAFE_INTEGER)
  return { found: alike.filter(({ number }) => number === next), upTo: Math.min(next, sequence) }
}
