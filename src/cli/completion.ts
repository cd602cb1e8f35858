/** `tiercel completion bash`, `zsh` and `fish`: prints a script that has the shell complete commands. */

import type { Command } from './command.ts'
import { bashScript, fishScript, zshScript } from './completion-scripts.ts'

const SHELLS = [
  ['bash', bashScript, 'eval "$(npx tiercel completion bash)"'],
  ['zsh', zshScript, 'eval "$(npx tiercel completion zsh)"'],
  ['fish', fishScript, 'npx tiercel completion fish | source'],
] as const

/** `commands`: all there are, asked for when the script is printed. */
export function completions(commands: () => readonly Command[]): readonly Command[] {
  return SHELLS.map(([shell, script, example]) => ({
    name: `completion ${shell}`,
    summary: `print a script with which ${shell} completes commands and options`,
    usage: '',
    about: `
Prints a script: load it once in a shell, or keep it where ${shell} looks for such scripts.`,
    options: [],
    examples: [example],
    async run(_, { out }) {
      await out(script(commands()))
    },
  }))
}
