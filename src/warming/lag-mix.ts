/**
 * Learns how much each of several views of the past is worth for the hour to come.
 *
 * The views of a key are numbers: its reads in the last hour, at the same hour of yesterday, of the
 * day before, and so on. The weights are those with which the views would have come closest to what
 * came, by least squares over the hours of late, none below 0. Nothing is assumed of which day is
 * like which: on a Saturday the morning shows that last Saturday tells more than yesterday, and after
 * a change of habits the old days lose their weight within hours.
 *
 * Called by `forecaster.ts`.
 */

/** How much of what was learned before is left an hour later: half of it after three hours. */
const KEPT = 0.8
/** Added to each view's square, of about 1: a view that hardly differs from another takes half of it. */
const RIDGE = 0.01
/** Passes over the weights. They change by less than a thousandth long before. */
const PASSES = 200

export class LagMix {
  readonly #views: number
  /** Sums of products of views, the lower half, and of views with what came: the normal equations. */
  #products: Float64Array
  #targets: Float64Array
  /** The same of the hour that is being learned. */
  readonly #hourProducts: Float64Array
  readonly #hourTargets: Float64Array
  #hourSquares = 0

  constructor(views: number) {
    this.#views = views
    this.#products = new Float64Array(views * views)
    this.#targets = new Float64Array(views)
    this.#hourProducts = new Float64Array(views * views)
    this.#hourTargets = new Float64Array(views)
  }

  /** Learns of one key in the hour: what its views were, 0 where nothing is known, and what came. */
  learn(views: Float64Array, came: number): void {
    const size = this.#views
    const products = this.#hourProducts
    for (let row = 0; row < size; row += 1) {
      const view = views[row] as number
      if (view === 0) continue
      const start = row * size
      for (let column = 0; column <= row; column += 1) {
        const at = start + column
        products[at] = (products[at] as number) + view * (views[column] as number)
      }
      this.#hourTargets[row] = (this.#hourTargets[row] as number) + view * came
    }
    this.#hourSquares += came * came
  }

  /** What was learned of the hour is kept. */
  endHour(): void {
    if (this.#hourSquares > 0) {
      this.#products = this.#withHour(this.#products, this.#hourProducts)
      this.#targets = this.#withHour(this.#targets, this.#hourTargets)
    }
    this.forgetHour()
  }

  /** What was learned since the last hour ended is not kept. */
  forgetHour(): void {
    this.#hourProducts.fill(0)
    this.#hourTargets.fill(0)
    this.#hourSquares = 0
  }

  /**
   * The best weights if only the `usable` views can be had; 0 for the others. What was learned since
   * the last hour ended counts as an hour.
   */
  weights(usable: readonly boolean[]): Float64Array {
    const products = this.#withHour(this.#products, this.#hourProducts)
    const targets = this.#withHour(this.#targets, this.#hourTargets)
    const weights = new Float64Array(this.#views)
    for (let pass = 0; pass < PASSES; pass += 1) {
      for (const [row, given] of usable.entries()) {
        if (given) weights[row] = bestWeight(row, { products, targets, weights })
      }
    }
    return weights
  }

  /** All that was learned, as numbers; `restore` takes it back. */
  save(): Float64Array {
    const saved = new Float64Array(this.#products.length + this.#targets.length)
    saved.set(this.#products)
    saved.set(this.#targets, this.#products.length)
    return saved
  }

  restore(saved: Float64Array): void {
    this.#products.set(saved.subarray(0, this.#products.length))
    this.#targets.set(saved.subarray(this.#products.length))
  }

  /** Every hour counts alike, however many reads it had. */
  #withHour(sums: Float64Array, hour: Float64Array): Float64Array {
    if (this.#hourSquares === 0) return sums
    const scale = 1 / this.#hourSquares
    return sums.map((sum, at) => KEPT * sum + scale * (hour[at] as number))
  }
}

interface Equations {
  readonly products: Float64Array
  readonly targets: Float64Array
  readonly weights: Float64Array
}

/** The weight of one view that fits best while the others stay as they are. */
function bestWeight(row: number, { products, targets, weights }: Equations): number {
  const size = weights.length
  const own = products[row * size + row] as number
  if (own === 0) return 0
  let rest = targets[row] as number
  for (let other = 0; other < size; other += 1) {
    if (other === row) continue
    const at = other < row ? row * size + other : other * size + row
    rest -= (products[at] as number) * (weights[other] as number)
  }
  return Math.max(0, rest / (own + RIDGE))
}
