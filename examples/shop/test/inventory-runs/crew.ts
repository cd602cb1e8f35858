import { type ShopProcess, startProcess } from './shop-process.ts'

/** Three instances; in the place of one that is killed there comes another. */
export class Crew implements AsyncDisposable {
  readonly #env: Readonly<Record<string, string>>
  readonly #places: ShopProcess[] = []
  #started = 0

  private constructor(env: Readonly<Record<string, string>>) {
    this.#env = env
  }

  static async start(env: Readonly<Record<string, string>>, count: number): Promise<Crew> {
    const crew = new Crew(env)
    try {
      // The first one alone fills a new shop; the others find it filled.
      crew.#places.push(await crew.#next())
      const rest = Array.from({ length: count - 1 }, () => crew.#next())
      crew.#places.push(...(await Promise.all(rest)))
      return crew
    } catch (error) {
      await crew[Symbol.asyncDispose]()
      throw error
    }
  }

  get instances(): readonly ShopProcess[] {
    return this.#places
  }

  /** The one at `place`. Resolves when another one answers there. */
  async replace(place: number): Promise<void> {
    const [replacement] = await Promise.all([this.#next(), this.#places[place]?.kill()])
    this.#places[place] = replacement
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#places.map((instance) => instance.kill()))
  }

  #next(): Promise<ShopProcess> {
    this.#started += 1
    return startProcess(`shop-${this.#started}`, this.#env)
  }
}
