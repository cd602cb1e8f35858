/**
 * Compares a forecast with two that know nothing of the hour of the day, and says whether it is worth
 * to be followed. Called by `forecaster.ts` at the end of each hour, also while it is switched off.
 */

/** How good a list of keys was for an hour that has passed. */
export interface ForecastScore {
  /** Of the keys on the list, the share that was read in the hour at all: a load not wasted. */
  readonly precision: number
  /**
   * Of the reads that the best list would have met, as long as the budget or as there were keys, the
   * share that this one met.
   */
  readonly recall: number
}

/** The three lists, all of one length, which may be 0: then all is 0. */
export interface ForecastScores {
  /** How long the best list was: the loads that were at stake. An hour weighs by it. */
  readonly keys: number
  readonly forecast: ForecastScore
  /** What was read most in the hour before. */
  readonly lastHour: ForecastScore
  /** What is read most in a week, at whichever hour. */
  readonly steady: ForecastScore
}

/** Numbers that survive a restart. */
export interface JudgeState {
  readonly on: boolean
  readonly hours: number
  /** Harmonic means of precision and recall, of the three lists, over the hours of late. */
  readonly averages: readonly [forecast: number, lastHour: number, steady: number]
  /** Keys that stand behind the averages. */
  readonly weight: number
}

/** An hour weighs half of one that is half a day later. */
const KEPT = 0.5 ** (1 / 12)
/** Each hour of a day has been seen before anything is decided. */
const HOURS_MIN = 24
/** By how much the forecast has to be better to be switched on, and to stay on: more than chance. */
const BETTER_TO_BEGIN = 0.015
const BETTER_TO_STAY = 0.005

export class ForecastJudge {
  #on = false
  #hours = 0
  #averages: readonly [number, number, number] = [0, 0, 0]
  #weight = 0

  get state(): JudgeState {
    const [on, hours] = [this.#on, this.#hours]
    return { on, hours, averages: this.#averages, weight: this.#weight }
  }

  restore({ on, hours, averages, weight }: JudgeState): void {
    this.#on = on
    this.#hours = hours
    this.#averages = averages
    this.#weight = weight
  }

  /** Takes the scores of an hour; answers whether that has switched the forecast on or off. */
  judge(scores: ForecastScores): boolean {
    this.#hours += 1
    this.#weight = KEPT * this.#weight + scores.keys
    const share = this.#weight === 0 ? 0 : scores.keys / this.#weight
    const [forecast, lastHour, steady] = this.#averages
    this.#averages = [
      forecast + share * (mean(scores.forecast) - forecast),
      lastHour + share * (mean(scores.lastHour) - lastHour),
      steady + share * (mean(scores.steady) - steady),
    ]
    if (this.#hours < HOURS_MIN) return false
    const before = this.#on
    this.#on = this.#better() >= (before ? BETTER_TO_STAY : BETTER_TO_BEGIN)
    return this.#on !== before
  }

  #better(): number {
    const [forecast, lastHour, steady] = this.#averages
    return forecast - Math.max(lastHour, steady)
  }
}

/** Harmonic: a list that is good in one and poor in the other is poor. */
function mean({ precision, recall }: ForecastScore): number {
  const sum = precision + recall
  return sum === 0 ? 0 : (2 * precision * recall) / sum
}
