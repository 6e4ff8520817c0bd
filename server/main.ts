#!/usr/bin/env node
import { runCommandLine } from './cli/program.ts'

// What the command line says is done; a command that runs on, like `serve`, ends the process itself.
process.exitCode = await runCommandLine(process.argv.slice(2), {
  env: process.env,
  write: text => void process.stdout.write(text),
  complain: text => void process.stderr.write(text),
  width: process.stdout.isTTY ? process.stdout.columns : null,
})
