import fc from 'fast-check'
import { expect, test } from 'vitest'
import { askRedis } from '../../../test/servers/ask-redis.ts'
import { startRedis } from '../../../test/servers/start-redis.ts'
import { compileGlob } from '../../keys/glob.ts'
import { luaGlob } from './lua-glob.ts'

const letter = fc.constantFrom('a', 'b', 'c', 'ß', '🦅', '\uffff', 'é', '\n')
const piece = fc.oneof(
  letter,
  fc.constant('*'),
  fc.constantFrom('*', '?', '\\*', '\\?', '\\[', '\\\\', '[ab]', '[^ab]', '[a-b]', '[c-a]', '[]'),
  fc.constantFrom(
    '[\\]]',
    '[a\\-c]',
    '[^]',
    '[🦅-\uffff]',
    '[a-\\]]',
    '[ß]',
    '[a-]',
    ']',
    '-',
    '^',
  ),
)
const text = fc
  .array(fc.oneof(letter, fc.constantFrom('*', '?', '[', ']', '-', '\\')), { maxLength: 9 })
  .map((characters) => characters.join(''))
const pattern = fc.array(piece, { maxLength: 7 }).map((pieces) => pieces.join(''))

const SCRIPT = `${luaGlob}
local glob, answers = globSteps(), {}
for i = 1, #ARGV, 2 do
  local fits = glob.matches(glob.parse(ARGV[i]), glob.characters(ARGV[i + 1]))
  answers[#answers + 1] = fits and 1 or 0
end
return answers`

test('a pattern means the same to a script as to a process', async () => {
  await using server = await startRedis()
  const pairs = fc.sample(fc.tuple(pattern, text), 8_000)
  const expected = pairs.map(([glob, key]) => (compileGlob(glob)(key) ? 1 : 0))
  const answers: unknown[] = []
  for (let at = 0; at < pairs.length; at += 1_000) {
    const command = ['EVAL', SCRIPT, 0, ...pairs.slice(at, at + 1_000).flat()]
    const answer = await askRedis(server.port, command)
    if (!Array.isArray(answer)) throw new Error('The script answered no list.')
    answers.push(...answer)
  }
  const wrong = pairs.filter((_, at) => answers[at] !== expected[at])
  expect(wrong).toEqual([])
  expect(expected.filter((fits) => fits === 1).length).toBeGreaterThan(500)
})
