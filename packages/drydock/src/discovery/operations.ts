/** Asynchronous operations: begun by a request, done a moment later, shown by GetOperation. */
import type * as client from '@aws-sdk/client-servicediscovery'
import type { OperationType } from '@aws-sdk/client-servicediscovery'
import type { Handlers } from '../wire/handlers.ts'
import type { OperationError } from './effects.ts'
import { operationNotFound } from './errors.ts'
import { type Facets, filtered } from './filters.ts'
import { requestedPage } from './paging.ts'
import type {
  Change,
  DiscoveryContext,
  DiscoveryOperationContext,
  DiscoveryState,
  OperationRecord,
  PendingOperation,
} from './state.ts'

/** How long an operation is PENDING. On AWS it is a second to a minute. */
const OPERATION_MS = 100

/** Operations that have ended are kept up to this number. */
const MOST_KEPT = 10_000

const FACETS: Facets<OperationRecord> = {
  NAMESPACE_ID: { conditions: ['EQ'], of: ({ namespaceId }) => namespaceId },
  SERVICE_ID: { conditions: ['EQ'], of: ({ serviceId }) => serviceId },
  STATUS: { conditions: ['EQ', 'IN'], of: ({ status }) => status },
  TYPE: { conditions: ['EQ', 'IN'], of: ({ type }) => type },
  UPDATE_DATE: { conditions: ['BETWEEN'], of: ({ updatedAt }) => updatedAt },
}

export const operationOperations = {
  GetOperation({ OperationId: id = '' }, context) {
    const found = context.state.pending[id] ?? context.state.ended[id]
    if (!found) throw operationNotFound(id)
    return {
      Operation: {
        Id: found.id,
        OwnerAccount: context.accountId,
        Type: found.type,
        Status: found.status,
        ...(found.error && { ErrorCode: found.error.code, ErrorMessage: found.error.message }),
        CreateDate: new Date(found.createdAt),
        UpdateDate: new Date(found.updatedAt),
        Targets: { ...found.targets },
      },
    }
  },

  ListOperations({ Filters, ...page }, { state }) {
    const all = [...Object.values(state.ended), ...Object.values(state.pending)]
    const found = filtered(all, Filters, FACETS)
    const { items, nextToken } = requestedPage(found, ({ id }) => id, page)
    return { Operations: items.map(({ id, status }) => ({ Id: id, Status: status })), NextToken: nextToken }
  },
} satisfies Partial<Handlers<typeof client, DiscoveryOperationContext>>

/** What an operation is about. */
interface Subject {
  readonly type: OperationType
  readonly targets: OperationRecord['targets']
  readonly namespaceId: string
  readonly serviceId?: string
}

/** Begins an operation; `change` is made when it is done. Returns what the request answers. */
export function begin(context: DiscoveryContext, subject: Subject, change: Change): { OperationId: string } {
  const id = `${context.newId(32)}-${context.newId(8)}`
  const { now } = context
  context.state.pending[id] = {
    ...subject,
    id,
    status: 'PENDING',
    createdAt: now,
    updatedAt: now,
    change,
    dueAt: now + OPERATION_MS,
  }
  return { OperationId: id }
}

/** An operation is done, or has failed: it is history now. */
export function end(
  { state, now }: DiscoveryContext,
  { change: _, dueAt: __, isAsked: ___, ...ended }: PendingOperation,
  error?: OperationError,
): void {
  delete state.pending[ended.id]
  const status = error ? 'FAIL' : 'SUCCESS'
  state.ended[ended.id] = { ...ended, status, updatedAt: now, ...(error && { error }) }
  state.endedCount = (state.endedCount ?? 0) + 1
  if (state.endedCount > MOST_KEPT) forgetOldest(state)
}

/** A tenth at once, because looking through all of them takes long. */
function forgetOldest(state: DiscoveryState): void {
  const kept = Object.keys(state.ended)
  for (const id of kept.splice(0, kept.length / 10)) delete state.ended[id]
  state.endedCount = kept.length
}

/** The operation under way whose change is like that, if any. */
export function findPending(
  { pending }: DiscoveryState,
  isIt: (change: Change) => boolean,
): PendingOperation | undefined {
  return Object.values(pending).find(({ change }) => isIt(change))
}
