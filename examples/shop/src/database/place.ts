/** Where something is kept, for the status page. */
export interface Place<Kind extends string> {
  readonly kind: Kind
  /** The file, or the server without user and password. */
  readonly name: string
}
