/** What roles asked for while a stage ran, and whether they would have got it with less: by the policies of its graph. */
import { parsePolicy } from '@capstan/drydock/policy/document.ts'
import { evaluate } from '@capstan/drydock/policy/evaluate.ts'
import type { TestEngineOptions } from '@capstan/drydock/testing.ts'
import { type Graph, oneOf, type Statement, statementsIn } from './graph.ts'

type Judgement = Parameters<NonNullable<TestEngineOptions['onJudgement']>>[0]

/** All judgements of a run, each action on each resource once. */
export class Judgements {
  readonly #all = new Map<string, Judgement>()

  readonly record = (judgement: Judgement): void => {
    const { action, resource, roleArn, verdict } = judgement
    this.#all.set([roleArn, action, resource, verdict].join(' '), judgement)
  }

  /** Takes what was not allowed: `action` by the name of its role. */
  takeDenied(): string[] {
    const denied = [...this.#all].filter(([, { verdict }]) => verdict !== 'allowed')
    for (const [key] of denied) this.#all.delete(key)
    return denied.map(([, { action, roleArn }]) => `${nameIn(roleArn).replace(/-\w+$/, '')} ${action}`)
  }

  /**
   * The actions of a role without which all that it asked for would have been allowed as well: each request is judged once more by
   * the role's policy without one action of one statement.
   */
  needless(graph: Graph, role: string): string[] {
    const { name } = oneOf(graph, 'Role', role)
    const statements = allowedTo(graph, role)
    const asked = [...this.#all.values()].filter(({ roleArn }) => nameIn(roleArn) === name)
    return statements.flatMap((statement, index) =>
      [statement.Action].flat().flatMap((action) => {
        const policy = parsePolicy(documentOf(without(statements, index, action)), 'identity')
        const isNeeded = asked.some((request) => evaluate([policy], request) !== 'allowed')
        return isNeeded ? [] : [`${action} on ${statement.Resource}`]
      }),
    )
  }
}

const nameIn = (roleArn: string) => roleArn.slice(roleArn.lastIndexOf('/') + 1)

/** What a role's policy allows. */
export function allowedTo(graph: Graph, role: string): Statement[] {
  const [inline, ...others] = oneOf(graph, 'Role', role).inlinePolicies as { readonly policy: string }[]
  if (others.length) throw new Error(`${role} has more than one policy.`)
  return statementsIn(inline?.policy)
}

/** A policy of these statements, as text. */
export const documentOf = (statements: readonly Statement[]): string =>
  JSON.stringify({ Version: '2012-10-17', Statement: statements })

/** Statements without an action, whatever its resource. */
export const withoutAny = (statements: readonly Statement[], action: string): Statement[] =>
  statements.flatMap((statement) => without([statement], 0, action))

/** Statements without one action of one of them. */
function without(statements: readonly Statement[], index: number, action: string): Statement[] {
  return statements.flatMap((statement, at) => {
    const Action = [statement.Action].flat().filter((each) => at !== index || each !== action)
    return Action.length ? [{ ...statement, Action }] : []
  })
}
