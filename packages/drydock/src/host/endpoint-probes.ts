/** Health checks of Route 53 as they are really made. The time limits are the machine's, as a real program answers in real time. */
import { request as httpRequest, type IncomingMessage, type RequestOptions, STATUS_CODES } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { connect, isIP } from 'node:net'
import { resolve } from '../dns/resolve.ts'
import type { Engine } from '../engine.ts'
import type { EndpointProbe, Route53Effect } from '../route53/effects.ts'
import { answeringWorld } from './dns/world.ts'
import type { Performers } from './effects.ts'

/** Developer Guide, how health checks are judged: connect within four seconds (TCP: ten), answer within two more. */
const CONNECT_MS = 4000
const TCP_CONNECT_MS = 10_000
const ANSWER_MS = 2000
/** As much of a body as is searched, in bytes. */
const SEARCHED_BYTES = 5120

interface Finding {
  readonly isSuccess: boolean
  readonly text: string
}

/** The performer of Route 53's effect. */
export const probePerformers: Performers<Route53Effect> = {
  async 'probe-endpoint'({ kind: _, ...asked }, scope, engine) {
    const finding = await probe(asked, engine)
    engine.report('route53', scope, {
      kind: 'endpoint-answered',
      healthCheckId: asked.healthCheckId,
      ...finding,
    })
  },
}

const failure = (why: string): Finding => ({ isSuccess: false, text: `Failure: ${why}` })
const success = (how: string): Finding => ({ isSuccess: true, text: `Success: ${how}` })

/** Never rejects: a check that cannot be made has failed. */
function probe(asked: EndpointProbe, engine: Engine): Promise<Finding> {
  const host = asked.address ?? addressOf(asked.domain ?? '', engine)
  return asked.protocol === 'TCP' ? probeTcp(host, asked.port) : probeHttp(host, asked)
}

/** A name of a zone that is here is resolved by it, any other by the system. */
function addressOf(domain: string, engine: Engine): string {
  const { answers } = resolve(domain, 'A', answeringWorld(engine))
  const addresses = answers.flatMap(({ body }) => (body.type === 'A' ? [body.data] : []))
  return addresses[0] ?? domain
}

function probeTcp(host: string, port: number): Promise<Finding> {
  return new Promise((settle) => {
    const socket = connect({ host, port, timeout: TCP_CONNECT_MS })
    const end = (finding: Finding) => {
      socket.destroy()
      settle(finding)
    }
    socket.once('connect', () => end(success('TCP connection was established')))
    socket.once('timeout', () => end(failure('The TCP connection timed out.')))
    socket.once('error', (error) => end(failure(error.message)))
  })
}

function probeHttp(host: string, asked: EndpointProbe): Promise<Finding> {
  const { protocol, port, path, domain } = asked
  return new Promise((settle) => {
    const options: RequestOptions = {
      host,
      port,
      path,
      agent: false,
      headers: { host: hostHeader(domain ?? host, asked), 'user-agent': AGENT, connection: 'close' },
    }
    const answered = (answer: IncomingMessage) => {
      judge(answer, asked).then(end, () => end(failure('The connection was closed.')))
    }
    const isTls = protocol === 'HTTPS'
    const tls = {
      ...options,
      rejectUnauthorized: false,
      ...(domain && !isIP(domain) && { servername: domain }),
    }
    const outgoing = isTls ? httpsRequest(tls, answered) : httpRequest(options, answered)
    const timer = setTimeout(
      () => end(failure('The endpoint did not answer in time.')),
      CONNECT_MS + ANSWER_MS,
    )
    const end = (finding: Finding) => {
      clearTimeout(timer)
      settle(finding)
      outgoing.destroy()
    }
    outgoing.on('error', (error) => end(failure(error.message))).end()
  })
}

const AGENT = 'Amazon-Route53-Health-Check-Service'

/** The port is in it where it is not the protocol's own (RFC 9110 section 7.2). */
function hostHeader(name: string, { protocol, port }: EndpointProbe): string {
  return port === (protocol === 'HTTPS' ? 443 : 80) ? name : `${name}:${port}`
}

/** Any 2xx or 3xx is well; with a search string, it must be in the beginning of the body too. */
async function judge(answer: IncomingMessage, { searchString }: EndpointProbe): Promise<Finding> {
  const { statusCode = 0 } = answer
  const status = `HTTP Status Code ${statusCode}, ${STATUS_CODES[statusCode] ?? ''}`
  if (statusCode < 200 || statusCode > 399) return failure(status)
  if (searchString === undefined) return success(status)
  return (await beginningOf(answer)).includes(searchString)
    ? success(`${status}. The response body contains the search string.`)
    : failure(`${status}. The response body does not contain the search string.`)
}

async function beginningOf(answer: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of answer) {
    chunks.push(chunk)
    size += chunk.length
    if (size >= SEARCHED_BYTES) break
  }
  return Buffer.concat(chunks).subarray(0, SEARCHED_BYTES).toString()
}
