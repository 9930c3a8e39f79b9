// Version 1.0.0 of the example: one page, a health check, and a polite end.
import { createServer } from 'node:http'

const page = `<!doctype html>
<html lang="en">
<meta charset="utf-8" />
<meta http-equiv="refresh" content="1" />
<title>web 1.0.0</title>
<style>
  body { font: 20px/1.5 system-ui, sans-serif; color: #fff; background: #0b3d5c; display: grid; place-content: center; min-height: 95vh; text-align: center }
</style>
<h1>Hauled in: web 1.0.0</h1>
<p>Push another version and watch this page change.</p>
</html>
`

const server = createServer((request, response) => {
  if (request.url === '/health') return response.end('ok\n')
  if (request.url === '/version') return response.end('1.0.0\n')
  response.setHeader('content-type', 'text/html; charset=utf-8')
  response.end(page)
})

server.listen(Number(process.env.PORT ?? 8080), () => console.log('web 1.0.0 listens', server.address()))

// Docker and ECS stop a task with SIGTERM: finish what is being answered, then end.
process.on('SIGTERM', () => {
  server.close(() => process.exit(0))
  server.closeIdleConnections()
})
