/** Every command there is. A new one is added here. */

import type { Command } from './command.ts'
import { queueExport } from './queue-export.ts'
import { queueImport } from './queue-import.ts'
import { sqlOutbox } from './sql-outbox.ts'

export const COMMANDS: readonly Command[] = [queueExport, queueImport, sqlOutbox]
