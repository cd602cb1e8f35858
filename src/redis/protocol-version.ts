/**
 * The version of the scripts' common language: control record, change numbers, entries, hints.
 *
 * Recorded in every shard. A release that meets a newer one refuses to work on it and leaves it as
 * it is; see `docs/wire-format.md`.
 */
export const PROTOCOL_VERSION = 1
