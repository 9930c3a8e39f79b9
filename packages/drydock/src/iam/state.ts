/** What IAM keeps of an account. Times in milliseconds since the epoch. */
import { emptyRecord, type OperationContext } from '../service.ts'

export interface Role {
  /** `AROA…`: another one for a role that is made again under the same name. */
  readonly id: string
  readonly name: string
  /** `/` or `/service/`. */
  readonly path: string
  readonly arn: string
  readonly createdAt: number
  description?: string
  /** Who may take the role on: a policy document as text, as it was given. */
  trustPolicy: string
  maxSessionSeconds: number
  tags: Record<string, string>
  /** Policy documents by name. */
  inline: Record<string, string>
  /** ARNs of managed policies. */
  attached: string[]
}

export interface PolicyVersion {
  /** `v1`. */
  readonly id: string
  readonly document: string
  readonly createdAt: number
}

/** A policy that can be attached to roles: the account's own or, with `aws` as account, one of AWS's. */
export interface ManagedPolicy {
  readonly id: string
  readonly name: string
  readonly path: string
  readonly arn: string
  readonly createdAt: number
  updatedAt: number
  readonly description?: string
  defaultVersion: string
  /** How many versions there ever were. */
  lastVersion: number
  versions: PolicyVersion[]
  tags: Record<string, string>
}

export interface IamState {
  /** By name in lower case: names differ in more than letter case. */
  roles: Record<string, Role>
  /** By ARN. AWS's own are not here. */
  policies: Record<string, ManagedPolicy>
}

export type IamContext = OperationContext<IamState>

/** No roles, no policies. */
export const emptyState = (): IamState => ({ roles: emptyRecord(), policies: emptyRecord() })
