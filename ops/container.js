// The first process of the container. Without words it serves: by the configuration that is mounted, or else by one that
// its first start writes into the volume. That one listens on all addresses of the container, as only such a port can be
// published, so it has a token, which is written into the volume too. The log names the file, never the token.
import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const DATA = process.env.LEASEHOLD_DATA ?? '/data'
const MOUNTED = '/etc/leasehold/leasehold.json'
const config = join(DATA, 'leasehold.json')
const token = join(DATA, 'operate.token')

const text = `// Written by the first start of the container. Change it as you like: it is never written again.
{
  "http": { "host": "0.0.0.0", "port": 8053,
            "tokens": [{ "name": "operate", "role": "operate", "secret": { "file": ${JSON.stringify(token)} } }] },
  "store": { "path": ${JSON.stringify(join(DATA, 'store'))} },
  "dns": [{ "name": "local", "kind": "embedded", "host": "0.0.0.0", "port": 5353 }],
}
`

/** Writes a file that is not there yet, for this user alone. */
const writeOnce = (file, content) => {
  if (!existsSync(file)) writeFileSync(file, content, { flag: 'wx', mode: 0o600 })
}

const chosen = () => {
  if (process.env.LEASEHOLD_CONFIG) return process.env.LEASEHOLD_CONFIG
  if (existsSync(MOUNTED)) return MOUNTED
  mkdirSync(DATA, { recursive: true })
  if (!existsSync(config)) {
    writeOnce(token, `${randomBytes(32).toString('hex')}\n`)
    writeOnce(config, text)
  }
  process.stdout.write(`leasehold: ${config} is in force; its token stands in ${token}\n`)
  return config
}

process.env.LEASEHOLD_CONFIG = chosen()
await import('../bin/leasehold.js')
