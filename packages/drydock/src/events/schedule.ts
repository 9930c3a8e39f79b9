/** What EventBridge does by itself: it tries deliveries and fires scheduled rules. */
import type { EventsState } from './state.ts'

export type EventsAction =
  | { readonly kind: 'attempt-delivery'; readonly at: number; readonly delivery: string }
  | { readonly kind: 'fire-rule'; readonly at: number; readonly busName: string; readonly rule: string }

/** All attempts and firings that lie ahead, each with its time; nothing has to be searched for. */
export function schedule(state: EventsState): EventsAction[] {
  const attempts = Object.values(state.deliveries).map(
    ({ id, at }): EventsAction => ({ kind: 'attempt-delivery', at, delivery: id }),
  )
  const fires = Object.values(state.buses)
    .flatMap(({ rules }) => Object.values(rules))
    .flatMap(({ name, busName, nextFireAt }): EventsAction[] =>
      nextFireAt === undefined ? [] : [{ kind: 'fire-rule', at: nextFireAt, busName, rule: name }],
    )
  return [...attempts, ...fires]
}
