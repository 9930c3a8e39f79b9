/** Parts of requests to Elastic Load Balancing that are right, for tests to put together. */
export const Subnets = ['subnet-a', 'subnet-b']
export const http = { Protocol: 'HTTP', Port: 80, VpcId: 'vpc-1', TargetType: 'ip' } as const
export const forward = (TargetGroupArn: string) => [{ Type: 'forward', TargetGroupArn }] as const
export const fixed = [{ Type: 'fixed-response', FixedResponseConfig: { StatusCode: '200' } }] as const
