/** A reason why the shop cannot start, in words for whoever started it. `main.ts` prints them. */
export class StartError extends Error {
  constructor(message: string, options?: { readonly cause?: unknown }) {
    super(message, options)
    this.name = 'StartError'
  }
}
