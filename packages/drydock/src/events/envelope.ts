/** The envelope around every event. */
import type { Envelope, EventsContext } from './state.ts'

export interface Content {
  readonly source: string
  readonly detailType: string
  readonly resources: readonly string[]
  readonly detail: unknown
  /** Milliseconds since the epoch; now unless told. */
  readonly time?: number
}

/** Source: EventBridge User Guide, "AWS service event metadata". Times are in whole seconds. */
export function envelope(
  { source, detailType, resources, detail, time }: Content,
  context: EventsContext,
): Envelope {
  return {
    version: '0',
    id: context.newUuid(),
    'detail-type': detailType,
    source,
    account: context.accountId,
    time: `${new Date(time ?? context.now).toISOString().slice(0, 19)}Z`,
    region: context.region,
    resources,
    detail,
  }
}
