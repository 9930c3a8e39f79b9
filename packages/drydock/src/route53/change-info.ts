/** Changes: each is PENDING for a moment of engine time, and kept for a while to be asked for. */
import type * as client from '@aws-sdk/client-route-53'
import type { ChangeInfo } from '@aws-sdk/client-route-53'
import type { Handlers } from '../wire/handlers.ts'
import { noSuchChange } from './errors.ts'
import { bareId } from './names.ts'
import type { Route53Operation } from './state.ts'

/** AWS takes up to a minute. Here the DNS server answers by a change at once. */
const PENDING_MS = 1000
/** Changes are forgotten after this time, when others are made. */
const KEPT_MS = 3_600_000

export const changeInfoOperations = {
  GetChange: ({ Id = '' }, context) => ({ ChangeInfo: infoOf(bareId(Id), context) }),
} satisfies Partial<Handlers<typeof client, Route53Operation>>

/** Notes a change that has been made, and says of it what GetChange says. */
export function noteChange(context: Route53Operation, comment?: string): ChangeInfo {
  const { state, now } = context
  for (const id in state.changes) {
    const { submittedAt = now } = state.changes[id] ?? {}
    if (now - submittedAt < KEPT_MS) break
    delete state.changes[id]
  }
  const id = `C0${context.newId(18).toUpperCase()}`
  const insyncAt = now + PENDING_MS
  state.changes[id] = { id, submittedAt: now, insyncAt, ...(comment !== undefined && { comment }) }
  return infoOf(id, context)
}

function infoOf(id: string, { state, now }: Route53Operation): ChangeInfo {
  const change = state.changes[id]
  if (!change) throw noSuchChange(id)
  return {
    Id: `/change/${id}`,
    Status: now >= change.insyncAt ? 'INSYNC' : 'PENDING',
    SubmittedAt: new Date(change.submittedAt),
    ...(change.comment !== undefined && { Comment: change.comment }),
  }
}
