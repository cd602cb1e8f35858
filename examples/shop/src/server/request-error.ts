export interface Problem {
  /** What the client has to look at: a parameter, a member of the body, `body`, `path`. */
  readonly field: string
  readonly message: string
}

/** A request that is answered with a status and a problem; `answer-errors.ts` writes it out. */
export class RequestError extends Error {
  readonly statusCode: number
  readonly field: string

  constructor(statusCode: number, problem: Problem) {
    super(problem.message)
    this.name = 'RequestError'
    this.statusCode = statusCode
    this.field = problem.field
  }
}
