/** What a person did wrong on the command line, thrown by whatever reads flags or trace files. */

/** A mistake that one line of text puts right: shown without a stack, exit code 2. */
export class UsageError extends Error {
  constructor(message: string, options?: { readonly cause?: unknown }) {
    super(message, options)
    this.name = new.target.name
  }
}
