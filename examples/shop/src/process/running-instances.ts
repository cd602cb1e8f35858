import { StartError } from './start-error.ts'
import { type RunningInstance, startInstance } from './start-instance.ts'

/** An instance ends within five seconds by itself; one that stands still is killed. */
const STOP_MS_AT_MOST = 6_000

/** The instances that `run-instances.ts` has started, until the last one has ended. */
export class RunningInstances {
  readonly #all: RunningInstance[] = []
  #ending = false
  /** One did not end as it was told to. */
  #disorder = false

  get isEnding(): boolean {
    return this.#ending
  }

  /** One that ends by itself is told of and not started again. @throws StartError while ending */
  start(name: string, port: number): RunningInstance {
    if (this.#ending) throw new StartError(`${name} is not started any more.`)
    const instance = startInstance(name, port)
    this.#all.push(instance)
    void this.#watch(instance)
    return instance
  }

  /** In order, all at once. Resolves when none is left. */
  async end(): Promise<void> {
    this.#ending = true
    for (const instance of this.#all) instance.process.kill('SIGTERM')
    const impatience = setTimeout(() => this.kill(), STOP_MS_AT_MOST)
    await this.#ended()
    clearTimeout(impatience)
  }

  kill(): void {
    for (const instance of this.#all) instance.process.kill('SIGKILL')
  }

  /** When none is left: 0 where they were told to end, and those that still ran then did so in order. */
  async exitCode(): Promise<number> {
    await this.#ended()
    return this.#ending && !this.#disorder ? 0 : 1
  }

  async #watch({ name, listening, ended }: RunningInstance): Promise<void> {
    const end = await ended
    if (this.#ending) {
      this.#disorder ||= end.code !== 0
      return
    }
    const answered = await listening.then(
      () => true,
      () => false,
    )
    // One that never answered fails the whole start, which says why.
    if (answered) console.error(`${name} has ended (${end.signal ?? end.code}); the others go on.`)
  }

  async #ended(): Promise<void> {
    await Promise.allSettled(this.#all.map(({ ended }) => ended))
  }
}
