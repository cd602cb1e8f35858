/**
 * Another process of a measurement, asked one thing after the other. Forked by the suites that are
 * about several processes; the other side is `answer-parent.ts`.
 */

import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'

/** What a child must have answered by; a measurement that hangs is a failure, not a long one. */
const answerMs = 120_000

export class RemoteProcess implements AsyncDisposable {
  readonly #child: ChildProcess

  private constructor(module: URL, args: readonly string[]) {
    this.#child = fork(module, args, {
      execArgv: ['--expose-gc'],
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    })
  }

  /** Ready to be asked. `args` are handed to the module as they are. */
  static async start(module: URL, args: readonly string[]): Promise<RemoteProcess> {
    const remote = new RemoteProcess(module, args)
    await remote.#answer({ ask: 'start' })
    return remote
  }

  /** @throws Error if the process ends, or takes more than two minutes. */
  ask<A>(question: object): Promise<A> {
    const answer = this.#answer<A>(question)
    this.#child.send(question)
    return answer
  }

  /** The next message, which answers `question`. */
  #answer<A>(question: object): Promise<A> {
    return new Promise((resolve, reject) => {
      const settle = (act: () => void) => {
        clearTimeout(timer)
        this.#child.off('message', answered)
        this.#child.off('exit', ended)
        act()
      }
      const answered = (answer: unknown): void => settle(() => resolve(answer as A))
      const ended = (code: number | null): void =>
        settle(() => reject(new Error(`A process of the measurement ended with ${code}.`)))
      const timer = setTimeout(
        () => settle(() => reject(new Error(`No answer to ${JSON.stringify(question)}.`))),
        answerMs,
      )
      this.#child.once('message', answered)
      this.#child.once('exit', ended)
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const exited = once(this.#child, 'exit')
    this.#child.kill('SIGKILL')
    await exited
  }
}
