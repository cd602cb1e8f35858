export { cron } from './cron.ts'
