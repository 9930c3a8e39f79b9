/**
 * How a service's requests are authorized, as data: which action an operation is, and which resources of the request it is on
 * (Service Authorization Reference: the tables of actions and of resource types of each service).
 */

/** One check that operations need. Several rows for one operation are all checked. */
export interface ActionRow {
  readonly operations: readonly string[]
  /** Where it is not the operation's own name: `SendMessage` or, of another service, `iam:PassRole`. */
  readonly action?: string
  /** A list whose entries are checked one by one: all other members are then the entry's. */
  readonly each?: string
  /** Where the request names the resource: a path of members to one or several names, ARNs, URLs, or keys (`{keys}`). */
  readonly member?: string
  /**
   * The ARN's last part for a name that is no ARN, or a whole ARN. `{}` is the name, `{cluster}` another member's (the end of it, if
   * that is an ARN), `{cluster=default}` with what stands for it if it is absent (else `*`), `{:|Qualifier}` one with what comes before
   * it if it is there, `{#1}` a part between the slashes of the name, `{@account}` the account, `{@bus}` the bus of a
   * rule with a slash, or nothing for the default bus. Without a form the action is on `*`.
   */
  readonly form?: string
  /** Checked only where the request names a resource. Otherwise that is `*`, or all that the form describes. */
  readonly isOptional?: true
  /** What stands for a name that is absent. */
  readonly absent?: string
  /** Added to a name without a colon: a family stands for any of its revisions. */
  readonly revision?: string
  /** Condition keys, with the members that their values are in; `=text` is the value itself. */
  readonly keys?: Readonly<Record<string, string>>
}

export interface ServiceActions {
  /** Of its actions: `elasticloadbalancing`. */
  readonly prefix: string
  /** What its ARNs have before the resource: region and account, the account alone, or neither. */
  readonly arns: 'regional' | 'global' | 'bare'
  readonly rows: readonly ActionRow[]
  /** The action that making something with tags needs too, on the same resources. */
  readonly tagging?: string
  /** Operations that need no permission. */
  readonly free?: readonly string[]
}

/** The role of a task or function, as IAM sees it being passed on to its service. */
export const passing = (operations: readonly string[], member: string, service: string): ActionRow => ({
  operations,
  action: 'iam:PassRole',
  member,
  form: 'arn:aws:iam::{@account}:role/{}',
  isOptional: true,
  keys: { 'iam:PassedToService': `=${service}` },
})
