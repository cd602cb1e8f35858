/**
 * Patterns over keys, for scripts: the same language as `keys/glob.ts`, which has checked each
 * pattern before it was stored. Characters are code points, in the order that JavaScript compares
 * text in, so that `[a-z]` means the same on both sides.
 */
export const luaGlob: string = `
local function globSteps()
  local function characters(text)
    local list, at, size = {}, 1, #text
    while at <= size do
      local a, b, c, d = string.byte(text, at, at + 3)
      if a < 128 then
        list[#list + 1], at = a, at + 1
      elseif a < 224 then
        list[#list + 1], at = (a - 192) * 64 + (b or 128) - 128, at + 2
      elseif a < 240 then
        list[#list + 1], at = (a - 224) * 4096 + ((b or 128) - 128) * 64 + (c or 128) - 128, at + 3
      else
        local point = (a - 240) * 262144 + ((b or 128) - 128) * 4096
          + ((c or 128) - 128) * 64 + (d or 128) - 128
        list[#list + 1], at = 55296 + (point - 65536) / 1024, at + 4
      end
    end
    return list
  end

  local ANY, ONE, SET, INVERSE, ESCAPE, END, DASH = 42, 63, 91, 94, 92, 93, 45

  local function parseSet(list, at)
    local piece = { inverse = list[at] == INVERSE, ranges = {} }
    if piece.inverse then at = at + 1 end
    while list[at] and list[at] ~= END do
      if list[at] == ESCAPE then at = at + 1 end
      local from, to = list[at], list[at]
      if list[at + 1] == DASH and list[at + 2] and list[at + 2] ~= END then
        at = at + (list[at + 2] == ESCAPE and 3 or 2)
        to = list[at]
      end
      if from and to then
        piece.ranges[#piece.ranges + 1] = { math.min(from, to), math.max(from, to) }
      end
      at = at + 1
    end
    return piece, at + 1
  end

  local function parseGlob(pattern)
    local pieces, list, at = {}, characters(pattern), 1
    while list[at] do
      local code, piece = list[at], nil
      if code == SET then
        piece, at = parseSet(list, at + 1)
      else
        if code == ANY then piece = { any = true }
        elseif code == ONE then piece = { one = true }
        elseif code == ESCAPE then
          at = at + 1
          piece = { code = list[at] }
        else piece = { code = code } end
        at = at + 1
      end
      pieces[#pieces + 1] = piece
    end
    return pieces
  end

  local function fits(piece, code)
    if piece.one then return true end
    if not piece.ranges then return piece.code == code end
    for _, range in ipairs(piece.ranges) do
      if range[1] <= code and code <= range[2] then return not piece.inverse end
    end
    return piece.inverse
  end

  local function matches(pieces, key)
    local piece, position, star, resume = 1, 1, nil, 1
    while key[position] do
      local current = pieces[piece]
      if current and current.any then
        star, resume = piece, position
        piece = piece + 1
      elseif current and fits(current, key[position]) then
        piece, position = piece + 1, position + 1
      elseif star then
        resume = resume + 1
        piece, position = star + 1, resume
      else
        return false
      end
    end
    while pieces[piece] and pieces[piece].any do piece = piece + 1 end
    return pieces[piece] == nil
  end
  return { parse = parseGlob, characters = characters, matches = matches }
end
`
