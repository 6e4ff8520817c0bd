import { execFile } from 'node:child_process'
import { access, symlink } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** Of a Debian root what no Node needs, so that the image is small. */
const LEFT_OUT = ['proc', 'sys', 'dev', 'tmp', 'run', 'boot', 'usr/share', 'var/cache', 'var/lib', 'var/log', 'etc/kea']

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  )

/** The folder of the npm that this machine runs. */
const npmFolder = async (): Promise<string> => {
  const { stdout } = await run('npm', ['root', '--global'])
  return join(stdout.trim(), 'npm')
}

/**
 * An image of a Debian root with this Node and npm, for where none can be pulled. The root is one of those that hold a
 * Kea (`KEA3_ROOT`, `KEA26_ROOT`).
 */
const imageOfRoot = async (root: string, folder: string, tag: string): Promise<string> => {
  const archive = join(folder, 'base.tar')
  const excluded = LEFT_OUT.map(path => `--exclude=./${path}/*`)
  await run('tar', ['-C', root, ...excluded, '--exclude=./usr/lib/x86_64-linux-gnu/kea', '-cf', archive, '.'])
  const add = (from: string, to: string) => {
    const moved = `--transform=s,^${basename(from)},${to},S`
    return run('tar', ['-C', dirname(from), moved, '-rf', archive, basename(from)])
  }
  await add(process.execPath, 'usr/local/bin/node')
  await add(await npmFolder(), 'usr/local/lib/npm')
  for (const word of ['npm', 'npx']) {
    await symlink(`../lib/npm/bin/${word}-cli.js`, join(folder, word))
    await add(join(folder, word), `usr/local/bin/${word}`)
  }
  const path = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'
  const ca = process.env.NODE_EXTRA_CA_CERTS
  const changes = [path, ...(ca ? [`NODE_EXTRA_CA_CERTS=${ca}`] : [])].flatMap(one => ['--change', `ENV ${one}`])
  await run('podman', ['import', '--quiet', ...changes, archive, tag])
  return tag
}

/** The base to build on: the one that the Dockerfile names, else one of a Debian root; null when there is neither. */
export const baseImage = async (folder: string, tag: string): Promise<string | null> => {
  const usual = 'docker.io/library/node:24-slim'
  const isPulled = await run('podman', ['pull', '--quiet', usual], { timeout: 60_000 }).then(
    () => true,
    () => false,
  )
  if (isPulled) return usual
  for (const root of [process.env.KEA3_ROOT, process.env.KEA26_ROOT]) {
    if (root && (await exists(join(root, 'usr')))) return imageOfRoot(root, folder, tag)
  }
  return null
}
