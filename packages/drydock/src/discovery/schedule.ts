/** What happens next in Cloud Map: operations are done, statuses that were told begin to count. */
import type { DiscoveryState } from './state.ts'

export type DiscoveryAction =
  | { readonly kind: 'finish'; readonly at: number; readonly operationId: string }
  | { readonly kind: 'believe'; readonly at: number; readonly serviceId: string; readonly instanceId: string }

/** Pure: all that is to come. */
export function schedule({ pending, tellings }: DiscoveryState): DiscoveryAction[] {
  return [
    ...Object.values(pending).map(
      ({ id, dueAt }): DiscoveryAction => ({ kind: 'finish', at: dueAt, operationId: id }),
    ),
    ...Object.values(tellings).map((telling): DiscoveryAction => ({ kind: 'believe', ...telling })),
  ]
}
