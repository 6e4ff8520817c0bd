import { execFile } from 'node:child_process'
import { cp, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const exec = promisify(execFile)
const ROOT = fileURLToPath(new URL('../../../', import.meta.url))

/** Of the repository what no package is made of, or what the making writes itself. */
const LEFT_OUT = ['.git', '.tap', 'data', 'dist', 'node_modules', 'test']

/** Runs a program without what the test runner adds to the environment of each Node. */
export const plainly = (
  file: string,
  words: string[],
  options: { cwd?: string; env?: NodeJS.ProcessEnv; timeout?: number } = {},
) => exec('env', ['-u', 'NODE_OPTIONS', file, ...words], { maxBuffer: 1 << 26, ...options })

/** What `npm pack` made. */
export interface Packed {
  tarball: string
  files: { path: string }[]
}

/**
 * Packs Leasehold into the folder. It does so in a copy, since making a package writes `dist/` anew, and two tests may do
 * so at once.
 */
export const pack = async (folder: string): Promise<Packed> => {
  const copy = join(folder, 'sources')
  await cp(ROOT, copy, {
    recursive: true,
    filter: from => !LEFT_OUT.includes(from.slice(ROOT.length).split('/')[0]!),
  })
  await symlink(join(ROOT, 'node_modules'), join(copy, 'node_modules'))
  const { stdout } = await plainly('npm', ['pack', '--json', '--pack-destination', folder], { cwd: copy })
  const [{ filename, files }] = JSON.parse(stdout.slice(stdout.indexOf('['))) as [
    { filename: string; files: Packed['files'] },
  ]
  return { tarball: join(folder, filename), files }
}
