/**
 * The one shape of every emulated service, and all that its operations may touch.
 *
 * Three words, as in the product: an operation or a report changes the state (observe), `schedule` says what should
 * happen next (decide), `perform` and the host do it (apply). No service folder imports another's: they meet only
 * through `emit` and through effects.
 */
import type { ServiceModel } from './wire/model.ts'

/** Where state lives: one account in one region. */
export interface Scope {
  readonly accountId: string
  readonly region: string
}

/** An event for the default bus of the scope that it is emitted in. `time` and `id` are the engine's to give. */
export interface EmittedEvent {
  readonly source: string
  readonly detailType: string
  readonly resources: string[]
  readonly detail: object
}

/** What a deferred output comes to. */
export type Outcome<T> = { readonly value: T } | { readonly error: unknown }

/** All that a service may touch. No clock, randomness, socket or disk is reachable any other way. */
export interface Context<State, Effect = never> extends Scope {
  readonly state: State
  /** Engine time in milliseconds since the epoch. */
  readonly now: number
  /** The engine's own address, as clients reach it: `http://127.0.0.1:4566`. */
  readonly endpoint: string
  /** A new id of `length` hexadecimal digits (32 unless told). */
  readonly newId: (length?: number) => string
  /** A new id in UUID form. */
  readonly newUuid: () => string
  /** Queues an event for the bus; it is matched after the operation has returned. */
  readonly emit: (event: EmittedEvent) => void
  /** Asks the host for an effect; what comes of it returns as a report. Nothing is asked if the operation throws. */
  readonly ask: (effect: Effect) => void
  /** An output that is not known yet: settled by `settle` with the same id. The only way to answer later. */
  readonly defer: <T>(id: string) => Promise<T>
  /** Settles a deferred output. Settling what nobody waits for does nothing. */
  readonly settle: <T>(id: string, outcome: Outcome<T>) => void
}

/** An AWS service that calls another one: what it makes there is its own. */
export interface CallingService {
  /** As messages name it: `AWS Cloud Map`. */
  readonly name: string
  /** `servicediscovery.amazonaws.com`. */
  readonly principal: string
  /** Of its own resource, on whose behalf it calls. */
  readonly resourceArn: string
}

/** A role that somebody has taken on for a while. */
export interface AssumedRole {
  readonly roleArn: string
  /** Of the role as it was when it was taken on: another of the same name is another role. */
  readonly roleId: string
  readonly roleName: string
  readonly sessionName: string
}

/** Who calls, and where: read from the request's credential. */
export interface Caller extends Scope {
  readonly accessKeyId: string
  readonly requestId: string
  /** The role whose temporary credentials these are. Without one it is the account's root. */
  readonly role?: AssumedRole
  /** Absent where a client calls. */
  readonly service?: CallingService
}

/** What an operation knows besides its input. */
export interface OperationContext<State, Effect = never> extends Context<State, Effect>, Caller {}

/** Something that should happen at an engine time; what is due is performed, the rest is when to look again. */
export interface Timed {
  readonly at: number
}

/** An effect that the host performs; `kind` names its performer in host/effects.ts. */
export interface Asked {
  readonly kind: string
}

/** An emulated AWS service. `State` is plain JSON (times in milliseconds), so that it can be kept and shown. */
export interface Service<State, Action extends Timed = Timed, Report = never, Effect extends Asked = Asked> {
  /** Operations by name, with their codecs; made by `operations()` from the SDK's client module. */
  readonly model: ServiceModel
  readonly emptyState: () => State
  /** Pure: what should happen, from now on, if nothing else does. Asking again after all is done gives nothing due. */
  readonly schedule?: (state: State, now: number) => Action[]
  /** Does one action that is due: changes state, emits, asks. */
  readonly perform?: (action: Action, context: Context<State, Effect>) => void
  /** Takes in what happened outside: the end of an effect, an event of the bus. */
  readonly receive?: (report: Report, context: Context<State, Effect>) => void
}

/** A record for names that callers choose: without a prototype, no name (`constructor`) is found where it was not put. */
export function emptyRecord<T>(): Record<string, T> {
  const record: Record<string, T> = Object.create(null)
  return record
}
