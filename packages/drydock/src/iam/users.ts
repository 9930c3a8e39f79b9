/** GetUser, by which infrastructure tools ask who calls. There are no users: whoever is no role is the account's root. */
import type * as client from '@aws-sdk/client-iam'
import { rootArn } from '../arn.ts'
import { AwsError } from '../wire/errors.ts'
import type { Handlers } from '../wire/handlers.ts'
import { noSuchEntity } from './errors.ts'
import type { IamContext } from './state.ts'

const needsName = () =>
  new AwsError('ValidationError', 'Must specify userName when calling with non-User credentials')

export const userOperations = {
  GetUser({ UserName }, context) {
    if (UserName !== undefined) throw noSuchEntity(`The user with name ${UserName} cannot be found.`)
    if (context.role) throw needsName()
    const { accountId } = context
    return {
      User: {
        Path: '/',
        UserName: accountId,
        UserId: accountId,
        Arn: rootArn(context),
        CreateDate: new Date(0),
      },
    }
  },
} satisfies Partial<Handlers<typeof client, IamContext>>
