/**
 * The part of Standard Schema v1 that is used to check values on read.
 *
 * Implemented by Zod, Valibot, ArkType and others; see https://standardschema.dev.
 */
export interface StandardSchema<V> {
  readonly '~standard': {
    validate(value: unknown): StandardResult<V> | Promise<StandardResult<V>>
    readonly types?: { readonly output: V } | undefined
  }
}

export type StandardResult<V> =
  | { readonly value: V; readonly issues?: undefined }
  | { readonly issues: readonly { readonly message: string }[] }
