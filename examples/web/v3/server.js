// Version 1.2.0 of the example, which is bad: its health check is always fine, but after a while its pages are errors.
import { createServer } from 'node:http'

const page = `<!doctype html>
<html lang="en">
<meta charset="utf-8" />
<meta http-equiv="refresh" content="1" />
<title>web 1.2.0</title>
<style>
  body { font: 20px/1.5 system-ui, sans-serif; color: #fff; background: #6b1020; display: grid; place-content: center; min-height: 95vh; text-align: center }
</style>
<h1>Hauled too far: web 1.2.0</h1>
<p>In a moment this page will be an error.</p>
</html>
`
const errorPage = '<meta http-equiv="refresh" content="1" /><h1>500: web 1.2.0 has lost its way</h1>'

/** How long it works (ms): longer than a health check, shorter than a person looks. */
const WORKS_FOR_MS = 3000
const failsFrom = Date.now() + WORKS_FOR_MS

const server = createServer((request, response) => {
  if (request.url === '/health') return response.end('ok\n')
  if (Date.now() > failsFrom) {
    response.writeHead(500, { 'content-type': 'text/html; charset=utf-8' })
    return response.end(errorPage)
  }
  if (request.url === '/version') return response.end('1.2.0\n')
  response.setHeader('content-type', 'text/html; charset=utf-8')
  response.end(page)
})

server.listen(Number(process.env.PORT ?? 8080), () => console.log('web 1.2.0 listens', server.address()))

// Docker and ECS stop a task with SIGTERM: finish what is being answered, then end.
process.on('SIGTERM', () => {
  server.close(() => process.exit(0))
  server.closeIdleConnections()
})
