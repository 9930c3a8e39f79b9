/** What roles allow though no play needs it: what AWS asks a role for, and Drydock does not. */

const LAMBDA = 'Lambda does it in the name of the role, which Drydock does without asking'
const CLOUD_MAP = 'Cloud Map does it in the name of the role, which Drydock does without asking'

/** Why an action is allowed to a role all the same, by action and queue. */
const reasons: Readonly<Record<string, string>> = {
  'logs:CreateLogStream': LAMBDA,
  'logs:PutLogEvents': LAMBDA,
  'xray:PutTelemetryRecords': LAMBDA,
  'xray:PutTraceSegments': LAMBDA,
  'sqs:DeleteMessage Discovery': LAMBDA,
  'sqs:GetQueueAttributes Discovery': LAMBDA,
  'sqs:ReceiveMessage Discovery': LAMBDA,
  'route53:CreateHealthCheck': CLOUD_MAP,
  'route53:DeleteHealthCheck': CLOUD_MAP,
  'route53:GetHealthCheck': CLOUD_MAP,
  'route53:UpdateHealthCheck': CLOUD_MAP,
}

/** Sweeps keep no event themselves; Lambda keeps those at which they failed. */
const reasonsOfSweeps = { ...reasons, 'sqs:SendMessage DeadLetters': LAMBDA }

/** Whether a door may have a grant that no play needs: `action on resource`. */
export function isExcused(grant: string, isSweep: boolean): boolean {
  const [action = '', , resource = ''] = grant.split(' ')
  const [queue] = /(?<=-)\w+(?=Queue-)/.exec(resource) ?? []
  return Object.hasOwn(isSweep ? reasonsOfSweeps : reasons, [action, ...(queue ? [queue] : [])].join(' '))
}
