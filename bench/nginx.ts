/** Debian's nginx with one worker, in a folder of its own: as a target that answers at once, and as a reverse proxy. */
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { end, freePort, start } from './measure.ts'

export interface Nginx extends AsyncDisposable {
  readonly port: number
  /** Of the master, whose child the worker is. */
  readonly pid: number
}

const ANSWER = 'Hello from the target, in a small response.'

/** Answers everything with a small response. */
export const startTarget = () =>
  startNginx((port) => `server { listen 127.0.0.1:${port}; location / { return 200 "${ANSWER}"; } }`)

/** Passes everything on to a target, with what a load balancer adds, and keeps its connections as that does. */
export const startProxy = (target: number) =>
  startNginx(
    (port) => `
      upstream target { server 127.0.0.1:${target}; keepalive 256; keepalive_requests 1000000000; }
      server {
        listen 127.0.0.1:${port};
        location / {
          proxy_pass http://target;
          proxy_http_version 1.1;
          proxy_set_header Connection "";
          proxy_set_header Host $http_host;
          proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
          proxy_set_header X-Forwarded-Proto http;
          proxy_set_header X-Forwarded-Port ${port};
        }
      }`,
  )

/** Throws where it does not start. */
async function startNginx(serverOf: (port: number) => string): Promise<Nginx> {
  const port = await freePort()
  const folder = await mkdtemp(join(tmpdir(), 'drydock-nginx-'))
  const file = join(folder, 'nginx.conf')
  await writeFile(file, configOf(folder, serverOf(port)))
  const child = start('nginx', ['-p', folder, '-e', join(folder, 'error.log'), '-c', file])
  const stop = async () => {
    await end(child)
    await rm(folder, { recursive: true })
  }
  for (let tries = 0; tries < 100; tries++) {
    if (await answers(port)) return { port, pid: child.pid ?? 0, [Symbol.asyncDispose]: stop }
    await wait(20)
  }
  await stop()
  throw new Error('nginx did not start')
}

function configOf(folder: string, server: string): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
  return `
    daemon off; worker_processes 1; pid ${join(folder, 'pid')};
    events { worker_connections 1024; }
    http {
      access_log off; keepalive_requests 1000000000; keepalive_timeout 300s;
      ${temporary.map((name) => `${name}_temp_path ${join(folder, name)};`).join(' ')}
      ${server}
    }`
}

async function answers(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1')
  try {
    await once(socket, 'connect')
    return true
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}
