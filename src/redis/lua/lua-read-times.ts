/**
 * When a value was read last, for scripts: five numbers into its head, as `docs/wire-format.md` has it.
 * Of anything else, such as a write that is under way or waits, there is none.
 */
export const luaReadTimes: string = String.raw`
local READ_AT = 36
local function readAtOf(item)
  local head = redis.pcall('GETRANGE', item.entry, 0, READ_AT + 7)
  if type(head) ~= 'string' or #head < READ_AT + 8 or string.sub(head, 1, 4) ~= '\247e\1\1' then return nil end
  return (struct.unpack('<d', head, READ_AT + 1))
end
`
