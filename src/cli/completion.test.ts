import { spawnSync } from 'node:child_process'
import { describe, expect, test } from 'vitest'
import { runTiercel } from '../../test/cli/run-tiercel.ts'
import { COMMANDS } from './commands.ts'

/** What bash offers behind these words; the last one is being typed. */
async function offered(...words: readonly string[]): Promise<readonly string[]> {
  const { out } = await runTiercel(['completion', 'bash'])
  const quoted = ['tiercel', ...words].map((word) => `'${word}'`).join(' ')
  const program = `${out}
COMP_WORDS=(${quoted}); COMP_CWORD=${words.length}; _tiercel; printf '%s\\n' "\${COMPREPLY[@]}"`
  const { stdout, stderr, status } = spawnSync('bash', ['-c', program], { encoding: 'utf8' })
  expect([status, stderr]).toEqual([0, ''])
  return stdout.split('\n').filter((line) => line !== '')
}

describe('bash', () => {
  test('completes commands, word by word', async () => {
    expect(await offered('do')).toEqual(['doctor'])
    expect([...(await offered('dead-letters', ''))].sort()).toEqual(['drop', 'list', 'retry'])
    const first = await offered('')
    for (const { name } of COMMANDS) expect(first).toContain(name.split(' ')[0])
  })

  test('completes the options of a command, and the words that they take', async () => {
    expect(await offered('inspect', '--key-')).toEqual(['--key-type'])
    expect(await offered('inspect', '--key-type', '')).toEqual(['string', 'number', 'bigint'])
    expect(await offered('mode', 'set', '--mode', 's')).toEqual(['shared'])
    expect(await offered('queue', '--coll')).toEqual(['--collection'])
    expect(await offered('queue', 'e')).toEqual(['export'])
  })
})

test.each(['zsh', 'fish'])(
  'a script for %s names every command and every option',
  async (shell) => {
    const { out } = await runTiercel(['completion', shell])
    for (const { name, options } of COMMANDS) {
      for (const word of name.split(' ')) expect(out).toContain(word)
      for (const option of options) expect(out).toContain(option.name)
    }
  },
)
