/**
 * Every operation of every client: a random input sent by the real client, a random output returned by the handler
 * and every modelled error must arrive unchanged. This notices any change of the SDK within seconds.
 */

import { isDeepStrictEqual } from 'node:util'
import { AwsQueryProtocol, AwsSmithyRpcV2CborProtocol } from '@aws-sdk/core/protocols'
import { NormalizedSchema, type TypeRegistry } from '@smithy/core/schema'
import { expect, test } from 'vitest'
import { type AnyClient, type ClientName, type ClientPackage, loadPackage } from './clients.ts'
import { plain, RandomValues } from './random-values.ts'
import { type Recorder, startRecorder } from './recorder.ts'

/** Their clients change the input (a presigned URL), or send `{}` for an optional payload that is absent. */
const NOT_OURS = /^(CopySnapshot|StopDurableExecution|SendDurableExecutionCallbackFailure)$/

type OtherProtocol = typeof AwsQueryProtocol | typeof AwsSmithyRpcV2CborProtocol

const cases: [name: ClientName, label: string, protocol?: OtherProtocol][] = [
  ['ecs', 'awsJson1.1'],
  ['ecr', 'awsJson1.1'],
  ['elbv2', 'awsQuery'],
  ['cloudwatch', 'awsJson1.0, query-compatible'],
  ['cloudwatch', 'rpcv2Cbor', AwsSmithyRpcV2CborProtocol],
  ['cloudwatch', 'awsQuery', AwsQueryProtocol],
  ['events', 'awsJson1.1'],
  ['servicediscovery', 'awsJson1.1'],
  ['route53', 'restXml'],
  ['dynamodb', 'awsJson1.0'],
  ['sts', 'awsQuery'],
  ['sns', 'awsQuery'],
  ['sqs', 'awsJson1.0, query-compatible'],
  ['sqs', 'awsQuery', AwsQueryProtocol],
  ['lambda', 'restJson1'],
  ['ssm', 'awsJson1.1'],
  ['logs', 'awsJson1.1'],
  ['iam', 'awsQuery'],
  ['ec2', 'ec2Query'],
]

test.each(cases)('every %s operation and error arrives unchanged over %s', async (name, _label, protocol) => {
  const each = await loadPackage(name)
  const recorder = await startRecorder([each])
  const client = each.connect(configFor(recorder.endpoint, protocol))
  const values = new RandomValues(1)
  try {
    const problems = [
      ...(await callAll(each, client, recorder, values)),
      ...(await failAll(each, client, recorder, values)),
    ]
    expect(problems).toEqual([])
    expect(recorder.faults).toEqual([])
  } finally {
    client.destroy()
    await recorder.close()
  }
})

function configFor(endpoint: string, protocol: OtherProtocol | undefined): object {
  return {
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
    maxAttempts: 1,
    disableHostPrefix: true,
    disableRequestCompression: true,
    endpointDiscoveryEnabled: false,
    md5: false,
    useQueueUrlAsEndpoint: false,
    ...(protocol && { protocol }),
  }
}

/** What went wrong, call by call. */
async function callAll(each: ClientPackage, client: AnyClient, recorder: Recorder, values: RandomValues) {
  const problems: object[] = []
  for (const operation of each.operationNames.filter((name) => !NOT_OURS.test(name))) {
    const model = each.model.operations.get(operation)
    if (!model) continue
    const sent = values.make(model.input)
    const reply = values.make(model.output)
    Object.assign(recorder, { reply, fault: undefined, input: undefined })
    try {
      const received = await client.send(each.command(operation, sent))
      problems.push(...difference(`${operation} input`, await plain(sent), await plain(recorder.input)))
      problems.push(...difference(`${operation} output`, await plain(reply), await plain(received)))
    } catch (error) {
      problems.push({ operation, error })
    }
  }
  return problems
}

/** Every modelled error of the service, thrown by one operation that is known to work. */
async function failAll(each: ClientPackage, client: AnyClient, recorder: Recorder, values: RandomValues) {
  const problems: object[] = []
  const operation =
    each.operationNames.find((name) => !NOT_OURS.test(name) && !/Stream|Tail/.test(name)) ?? ''
  const input = values.make(each.model.operations.get(operation)?.input ?? NormalizedSchema.of('unit'))
  for (const [schema, Exception] of exceptionsOf(each)) {
    const fields = values.make(NormalizedSchema.of(schema)) as Record<string, unknown>
    const thrown = Object.assign(new Exception({ message: '', $metadata: {} }), fields, { message: MESSAGE })
    recorder.fault = thrown
    const caught = await client.send(each.command(operation, input)).catch((error: unknown) => error)
    problems.push(...(await compareErrors(schema[2], fields, caught as Record<string, unknown>)))
  }
  return problems
}

const MESSAGE = 'it <broke> ü'

type Exception = new (options: { message: string; $metadata: object }) => Error
type ErrorSchema = [-3, string, string, ...unknown[]] & Parameters<typeof NormalizedSchema.of>[0]

function exceptionsOf({ model }: ClientPackage): [ErrorSchema, Exception][] {
  // The registry's map is private by type only; there is no other way to list a service's errors.
  const registries = model.settings.errorTypeRegistries as (TypeRegistry & { exceptions: never })[]
  const all = registries.flatMap(({ exceptions }) => [...(exceptions as Map<ErrorSchema, Exception>)])
  return all.filter(([schema]) => {
    const isBase = schema[1].includes('synthetic')
    // Shares its query code with ResourceNotFound.
    return !isBase && schema[2] !== 'DashboardNotFoundError'
  })
}

async function compareErrors(name: string, fields: Record<string, unknown>, caught: Record<string, unknown>) {
  const wanted: Record<string, unknown> = { name, message: MESSAGE }
  // An empty text and none are the same in XML.
  for (const key of Object.keys(fields))
    if (!/^message$/i.test(key) && fields[key] !== '') wanted[key] = fields[key]
  const got = Object.fromEntries(Object.keys(wanted).map((key) => [key, caught[key]]))
  return difference(`${name} error`, await plain(wanted), await plain(got))
}

const difference = (what: string, sent: unknown, got: unknown) =>
  isDeepStrictEqual(sent, got) ? [] : [{ what, sent, got }]
