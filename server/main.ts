#!/usr/bin/env node
// The command line: reads the arguments, starts the program, and ends it on SIGTERM and SIGINT.
import { ConfigError, loadConfig } from './config/load.ts'
import { start } from './start.ts'
import { VERSION } from './version.ts'

const USAGE = `leasehold ${VERSION}: true, owned, explained DNS names from the leases of ISC Kea

  leasehold [--config FILE]    run; without a file (or LEASEHOLD_CONFIG) on an embedded default:
                               HTTP on 127.0.0.1:8053, DNS on 127.0.0.1:5353, store in ./data
  leasehold --help | --version
`

const run = async (): Promise<void> => {
  const argv = process.argv.slice(2)
  if (argv.includes('--help')) return void process.stdout.write(USAGE)
  if (argv.includes('--version')) return void process.stdout.write(`${VERSION}\n`)
  const config = loadConfig({ env: process.env })
  const running = await start(config)
  const stop = () => {
    running.close().then(
      () => process.exit(0),
      error => fail(error),
    )
  }
  process.once('SIGTERM', stop)
  process.once('SIGINT', stop)
}

const fail = (error: Error): void => {
  process.stderr.write(`leasehold: ${error.message}\n`)
  if (!(error instanceof ConfigError) && process.env.LEASEHOLD_STACK) process.stderr.write(`${error.stack}\n`)
  process.exit(1)
}

run().catch(fail)
