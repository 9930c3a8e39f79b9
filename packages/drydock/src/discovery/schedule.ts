/** What happens next in Cloud Map: operations are done or asked of their zone, statuses that were told begin to count. */
import type { DiscoveryState } from './state.ts'

export type DiscoveryAction =
  | { readonly kind: 'finish'; readonly at: number; readonly operationId: string }
  | { readonly kind: 'believe'; readonly at: number; readonly serviceId: string; readonly instanceId: string }

/** Pure: all that is to come. */
export function schedule({ pending, tellings }: DiscoveryState): DiscoveryAction[] {
  return [
    ...Object.values(pending).flatMap(({ id, dueAt, isAsked }): DiscoveryAction[] =>
      isAsked ? [] : [{ kind: 'finish', at: dueAt, operationId: id }],
    ),
    ...Object.values(tellings).map((telling): DiscoveryAction => ({ kind: 'believe', ...telling })),
  ]
}
