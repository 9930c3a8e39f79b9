/** Resource policies and tags: kept and shown. Nobody is kept out by a policy: signatures are not checked either. */
import type * as client from '@aws-sdk/client-lambda'
import type { Handlers } from '../wire/handlers.ts'
import { violation } from '../wire/violation.ts'
import { conflict, notFound } from './errors.ts'
import { mappingOfArn } from './event-sources.ts'
import { requireRevision } from './functions.ts'
import { findFunction } from './names.ts'
import type { FunctionState, LambdaOperationContext, PolicyStatement } from './state.ts'

export const policyOperations = {
  AddPermission(input, context) {
    const fn = findFunction(input.FunctionName, input.Qualifier, context)
    requireRevision(fn, input.RevisionId)
    const id = input.StatementId ?? ''
    if (!/^[a-zA-Z0-9-_]{1,100}$/.test(id)) {
      throw violation('statementId', id, 'Member must satisfy regular expression pattern: ([a-zA-Z0-9-_]+)')
    }
    if (fn.policy[id]) {
      throw conflict(
        `The statement id (${id}) provided already exists. Please provide a new statement id, or remove the existing statement.`,
      )
    }
    const statement = statementOf(fn, input)
    fn.policy[id] = statement
    fn.revisionId = context.newUuid()
    return { Statement: JSON.stringify(statement) }
  },

  RemovePermission({ FunctionName, StatementId = '', Qualifier, RevisionId }, context) {
    const fn = findFunction(FunctionName, Qualifier, context)
    requireRevision(fn, RevisionId)
    if (!fn.policy[StatementId]) throw notFound(`Statement ${StatementId} is not found in resource policy.`)
    delete fn.policy[StatementId]
    fn.revisionId = context.newUuid()
  },

  GetPolicy({ FunctionName, Qualifier }, context) {
    const fn = findFunction(FunctionName, Qualifier, context)
    const statements = Object.values(fn.policy)
    if (!statements.length) throw notFound('The resource you requested does not exist.')
    const policy = { Version: '2012-10-17', Id: 'default', Statement: statements }
    return { Policy: JSON.stringify(policy), RevisionId: fn.revisionId }
  },

  ListTags({ Resource }, context) {
    return { Tags: { ...tagged(Resource, context).tags } }
  },

  TagResource({ Resource, Tags }, context) {
    Object.assign(tagged(Resource, context).tags, Tags)
  },

  UntagResource({ Resource, TagKeys = [] }, context) {
    const { tags } = tagged(Resource, context)
    for (const key of TagKeys) delete tags[key]
  },
} satisfies Partial<Handlers<typeof client, LambdaOperationContext>>

/** What a tag operation is about: a mapping or a function. Throws ResourceNotFoundException. */
const tagged = (arn: string | undefined, context: LambdaOperationContext) =>
  mappingOfArn(arn, context) ?? findFunction(arn, undefined, context)

function statementOf(
  fn: FunctionState,
  input: Pick<
    client.AddPermissionRequest,
    'StatementId' | 'Action' | 'Principal' | 'SourceArn' | 'SourceAccount' | 'PrincipalOrgID'
  >,
): PolicyStatement {
  const { SourceArn, SourceAccount, PrincipalOrgID } = input
  const equals = {
    ...(SourceAccount ? { 'AWS:SourceAccount': SourceAccount } : {}),
    ...(PrincipalOrgID ? { 'aws:PrincipalOrgID': PrincipalOrgID } : {}),
  }
  const condition = {
    ...(Object.keys(equals).length ? { StringEquals: equals } : {}),
    ...(SourceArn ? { ArnLike: { 'AWS:SourceArn': SourceArn } } : {}),
  }
  return {
    Sid: input.StatementId ?? '',
    Effect: 'Allow',
    Principal: principalOf(input.Principal ?? ''),
    Action: input.Action ?? '',
    Resource: fn.arn,
    ...(Object.keys(condition).length ? { Condition: condition } : {}),
  }
}

function principalOf(principal: string): unknown {
  if (principal === '*') return '*'
  if (/^\d{12}$/.test(principal)) return { AWS: `arn:aws:iam::${principal}:root` }
  return principal.startsWith('arn:') ? { AWS: principal } : { Service: principal }
}
