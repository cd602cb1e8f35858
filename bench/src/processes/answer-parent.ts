/** The child's side of `remote-process.ts`: one question after the other, each with its answer. */

/**
 * Says that it is ready, then answers every message of the parent by `answer`; a question that fails ends the process, which the
 * parent sees. It ends with its parent too.
 */
export function answerParent<Q>(answer: (question: Q) => Promise<unknown>): void {
  if (process.send === undefined) throw new Error('This process is started by a measurement alone.')
  process.on('disconnect', () => process.exit())
  process.on('message', (question) => {
    answer(question as Q).then(
      (given) => process.send?.(given ?? null),
      (error) => {
        process.stderr.write(`${error instanceof Error ? error.stack : error}\n`)
        process.exit(1)
      },
    )
  })
  process.send('ready')
}
