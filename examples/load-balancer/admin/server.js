// The second service of the example: it says who it is, and which path it was asked for.
import { createServer } from 'node:http'

const server = createServer((request, response) => {
  if (request.url === '/health') return response.end('ok\n')
  response.end(`admin ${request.url}\n`)
})

server.listen(Number(process.env.PORT ?? 8080), () => console.log('admin listens', server.address()))

// Docker and ECS stop a task with SIGTERM: finish what is being answered, then end.
process.on('SIGTERM', () => {
  server.close(() => process.exit(0))
  server.closeIdleConnections()
})
