/** Door of `tiercel/diagnostics`. Node alone has these channels. */

export { channelName, type DiagnosticMessage, publishEvents } from './publish-events.ts'
