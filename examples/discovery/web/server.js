// The example's service: it says its version, and leaves as one should that is found by name.
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'

const { version } = JSON.parse(readFileSync(new URL('package.json', import.meta.url), 'utf8'))
const ttlSeconds = Number(process.env.DNS_TTL ?? 10)

const server = createServer((_request, response) => response.end(`${version}\n`))
server.listen(Number(process.env.PORT ?? 8080), () => console.log(`web ${version} listens`, server.address()))

// The name leads here no more as soon as ECS wants the task to stop, but who asked before that remembers the answer for
// its TTL. So new connections are taken for that long, and a second for the change to be made.
process.on('SIGTERM', () => {
  setTimeout(
    () => {
      server.close(() => process.exit(0))
      server.closeIdleConnections()
    },
    (ttlSeconds + 1) * 1000,
  )
})
