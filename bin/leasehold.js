#!/usr/bin/env node
// Runs the compiled program where there is one (the npm package), else the TypeScript (a clone). Node strips types from
// 22.18 on; an older one passes the words to the Node of this clone, which `npm ci` brings.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const compiled = new URL('../dist/server/main.js', import.meta.url)
const source = new URL('../server/main.ts', import.meta.url)
const newer = fileURLToPath(new URL('../node_modules/node/bin/node', import.meta.url))

const passOn = () => {
  const child = spawn(newer, [fileURLToPath(source), ...process.argv.slice(2)], { stdio: 'inherit' })
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  child.on('exit', (code, signal) => process.exit(code ?? (signal ? 1 : 0)))
}

// The sources come first: in a clone a dist/ may be left over from an older state.
if (!existsSync(source)) await import(compiled.href)
else if (process.features.typescript) await import(source.href)
else if (existsSync(newer)) passOn()
else {
  process.stderr.write(`leasehold: expected Node 22.19 or newer, found ${process.version}\n`)
  process.exit(2)
}
