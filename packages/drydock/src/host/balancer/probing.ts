/** Health checks as they are really made. The time limit is the machine's, as a real program answers in real time. */
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { connect } from 'node:net'
import type { Answer, Probe } from '../../elb/effects.ts'

type Asked = Omit<Probe, 'targetGroupArn' | 'target' | 'registration'>

/** Asks a target whether it is well. Never rejects: a check that is given up has failed. */
export function probe(asked: Asked, signal: AbortSignal): Promise<Answer> {
  return asked.protocol === 'TCP' ? probeTcp(asked, signal) : probeHttp(asked, signal)
}

function probeTcp({ address, port, timeoutMs }: Asked, signal: AbortSignal): Promise<Answer> {
  return new Promise((resolve) => {
    const socket = connect({ host: address, port, timeout: timeoutMs, signal })
    const end = (answer: Answer) => {
      socket.destroy()
      resolve(answer)
    }
    socket.once('connect', () => end({ kind: 'connected' }))
    socket.once('timeout', () => end({ kind: 'timeout' }))
    socket.once('error', () => end({ kind: 'failed' }))
  })
}

function probeHttp(
  { protocol, address, port, path, timeoutMs }: Asked,
  signal: AbortSignal,
): Promise<Answer> {
  return new Promise((resolve) => {
    const headers = { host: `${address}:${port}`, 'user-agent': 'ELB-HealthChecker/2.0', connection: 'close' }
    const options = { host: address, port, path, headers, agent: false as const, signal }
    const answered = (answer: IncomingMessage) => {
      answer.on('error', () => {}).resume()
      end({ kind: 'status', status: answer.statusCode ?? 0 })
      answer.destroy()
    }
    const outgoing =
      protocol === 'HTTPS'
        ? httpsRequest({ ...options, rejectUnauthorized: false }, answered)
        : httpRequest(options, answered)
    const timer = setTimeout(() => {
      end({ kind: 'timeout' })
      outgoing.destroy()
    }, timeoutMs)
    const end = (answer: Answer) => {
      clearTimeout(timer)
      resolve(answer)
    }
    outgoing.on('error', () => end({ kind: 'failed' })).end()
  })
}
