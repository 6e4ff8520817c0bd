import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Test } from 'tap'

const run = promisify(execFile)

/** A certificate for 127.0.0.1 that is its own authority, as files; null where there is no openssl. */
export const certificate = async (t: Test, name: string): Promise<{ cert: string; key: string } | null> => {
  const folder = await mkdtemp(join(tmpdir(), 'leasehold-tls-'))
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  const [cert, key] = [join(folder, `${name}.pem`), join(folder, `${name}.key`)]
  const subject = ['-subj', `/CN=${name}`, '-addext', 'subjectAltName=IP:127.0.0.1', '-days', '2']
  const made = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', key, '-out', cert]
  return run('openssl', ['req', '-x509', ...subject, ...made]).then(
    () => ({ cert, key }),
    () => null,
  )
}
