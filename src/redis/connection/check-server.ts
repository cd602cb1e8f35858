/**
 * Looks at what the cache would stand on. Called by the Redis tier when it has connected, and once a
 * minute afterwards: servers are replaced, and settings changed, while processes run.
 */

import { judgeNode, type ServerNeeds, type ServerProblem } from './judge-node.ts'
import { factCommands, type NodeFacts, readNodeFacts } from './read-node-facts.ts'
import type { RedisConnection } from './redis-connection.ts'

export interface ServerCheck {
  /** One for each master. */
  readonly facts: readonly NodeFacts[]
  readonly problems: readonly ServerProblem[]
}

/** @throws TierError if a master cannot be asked. */
export async function checkServer(
  connection: RedisConnection,
  needs: ServerNeeds,
): Promise<ServerCheck> {
  const answers = await connection.eachNode(factCommands)
  const facts = answers.map(({ node, replies }) => readNodeFacts(node, replies))
  const { kind } = connection
  return { facts, problems: facts.flatMap((node) => judgeNode({ facts: node, needs, kind })) }
}
