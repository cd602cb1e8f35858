/** What a shell reports for a process that a signal ended: 128 and the signal's number. */
export const EXIT_CODES = { SIGINT: 130, SIGTERM: 143 } as const
