/** What a deployment of a stage would make, and questions about it. */

export interface Resource {
  /** Pulumi's: `aws:sqs/queue:Queue`. */
  readonly type: string
  /** The logical name, which is the same in each stage. */
  readonly name: string
  /** Whether a provider makes it; a component of sst is none. */
  readonly custom: boolean
  /** The id of what is there already and is only read. */
  readonly existing?: string
  readonly inputs: Readonly<Record<string, unknown>>
}

export interface Graph {
  readonly stage: string
  /** Of the stack: `aws:region`, `aws:defaultTags`. */
  readonly config: Readonly<Record<string, string>>
  readonly resources: readonly Resource[]
  /** What components tell when they are complete, by `type::name`. */
  readonly outputs: Readonly<Record<string, Readonly<Record<string, unknown>>>>
}

/** The inputs of all resources of a kind (`Queue` of `aws:sqs/queue:Queue`), by their logical names. */
export function allOf({ resources }: Graph, kind: string): Map<string, Resource['inputs']> {
  const found = resources.filter(({ type, custom }) => custom && type.endsWith(`:${kind}`))
  return new Map(found.map(({ name, inputs }) => [name, inputs]))
}

/** The inputs of one resource. Throws where there is none, with those that there are. */
export function oneOf(graph: Graph, kind: string, name: string): Resource['inputs'] {
  const all = allOf(graph, kind)
  const found = all.get(name)
  if (!found) throw new Error(`There is no ${kind} ${name}, but ${[...all.keys()].join(', ')}.`)
  return found
}

/** An IAM statement as it stands in a policy document. */
export interface Statement {
  readonly Effect: string
  readonly Action: string | readonly string[]
  readonly Resource: string | readonly string[]
  readonly Principal?: unknown
  readonly Condition?: unknown
}

/** The statements of a policy document, which is JSON text. */
export function statementsIn(policy: unknown): Statement[] {
  return (JSON.parse(String(policy)) as { Statement: Statement[] }).Statement
}

/** `image-pushed` as its resources are named: `ImagePushed`. */
export const componentOf = (door: string): string =>
  door
    .split('-')
    .map((word) => word.slice(0, 1).toUpperCase() + word.slice(1))
    .join('')
