/** Parts of the host that are loaded when they are first needed, because most engines never need most of them. */
import type { Asked } from '../service.ts'
import type { Performers } from './effects.ts'

/** A part that is made once, by the first who needs it. */
export interface Lazy<T> {
  (): Promise<T>
  /** The part if somebody has needed it. */
  loaded(): Promise<T> | undefined
}

/** Calls `load` at most once; if it fails, the next need tries again. */
export function lazy<T>(load: () => Promise<T>): Lazy<T> {
  let loading: Promise<T> | undefined
  const get = () => {
    loading ??= load().catch((error: unknown) => {
      loading = undefined
      throw error
    })
    return loading
  }
  return Object.assign(get, { loaded: () => loading })
}

/** Performers of effects of these kinds, loaded with the first effect. Effects keep their order. */
export function lazyPerformers<E extends Asked>(
  kinds: Readonly<Record<E['kind'], true>>,
  load: () => Promise<Performers<E>>,
): Performers<E> {
  type Any = Record<string, (...args: unknown[]) => Promise<void>>
  const late =
    (kind: string) =>
    async (...args: unknown[]) => {
      const performers: Any = { ...(await load()) } as Any
      await performers[kind]?.(...args)
    }
  return Object.fromEntries(Object.keys(kinds).map((kind) => [kind, late(kind)])) as Performers<E>
}
