/** What roles allow though no play needs it: what AWS asks a role for, and Drydock does not. */

const LAMBDA = 'Lambda does it in the name of the role, which Drydock does without asking'
const CLOUD_MAP = 'Cloud Map does it in the name of the role, which Drydock does without asking'

/** Why an action is allowed to a role all the same, by action. */
export const notPlayed: Readonly<Record<string, string>> = {
  'logs:CreateLogStream': LAMBDA,
  'logs:PutLogEvents': LAMBDA,
  'xray:PutTelemetryRecords': LAMBDA,
  'xray:PutTraceSegments': LAMBDA,
  'route53:CreateHealthCheck': CLOUD_MAP,
  'route53:DeleteHealthCheck': CLOUD_MAP,
  'route53:GetHealthCheck': CLOUD_MAP,
  'route53:UpdateHealthCheck': CLOUD_MAP,
}
