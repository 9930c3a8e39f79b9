// Version 1.3.0 of the example, which is bad: it needs a setting that it is not given, so it ends before it listens.
const { DATABASE_URL } = process.env
if (!DATABASE_URL) {
  console.error('web 1.3.0 needs DATABASE_URL, which is not set')
  process.exit(1)
}
