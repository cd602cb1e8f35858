/** Every command there is. A new one is added here. */

import { cleanUp } from './clean-up.ts'
import type { Command } from './command.ts'
import { completions } from './completion.ts'
import { deadLettersDrop, deadLettersList, deadLettersRetry } from './dead-letters.ts'
import { doctor } from './doctor.ts'
import { inspect } from './inspect.ts'
import { invalidate } from './invalidate.ts'
import { mode, modeSet, shadow } from './mode.ts'
import { queueExport } from './queue-export.ts'
import { queueImport } from './queue-import.ts'
import { queueStatus } from './queue-status.ts'
import { sqlOutbox } from './sql-outbox.ts'
import { stats } from './stats.ts'
import { warm } from './warm.ts'
import { watch } from './watch.ts'

export const COMMANDS: readonly Command[] = [
  watch,
  stats,
  inspect,
  doctor,
  invalidate,
  warm,
  cleanUp,
  queueStatus,
  queueExport,
  queueImport,
  deadLettersList,
  deadLettersRetry,
  deadLettersDrop,
  mode,
  modeSet,
  shadow,
  sqlOutbox,
  ...completions(() => COMMANDS),
]
