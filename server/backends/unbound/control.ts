/*
 * Unbound's control channel: one command a connection, answered until the server closes it.
 *
 *     connect ─► "UBCT1 local_data red.lab.example.net. 300 IN A 10.0.0.1\n" ─► "ok\n" ─► end
 *
 * A worker thread of Unbound serves it, and does nothing else meanwhile. So the command goes in one write, an answer has a
 * bounded time, no connection is kept, and one is open at a time. `local_datas` is never used: a writer that dies in the
 * middle of it leaves Unbound before 1.19.0 spinning.
 *
 * Unbound reads a command into 1,024 bytes, and resets the connection when it is longer.
 */
import { readFileSync } from 'node:fs'
import { createConnection, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { isRefusal } from '../../../lib/dns/local-data.ts'
import type { UnboundConfig } from '../../../schemas/config/local-dns.ts'
import { whyUnanswered } from '../../net/why-unanswered.ts'
import { ServerFailure } from '../read-before-write.ts'

export type ControlAddress = UnboundConfig['control']

const HELLO = 'UBCT1 '
const MOST_BYTES = 256 << 20
/** The longest command that every version reads. */
const LONGEST_COMMAND = 1000
/** A listing may take so many times the time that a command has. */
const LISTING_PATIENCE = 15

/** True for a command that the server can read. */
export const fits = (command: string): boolean => command.length <= LONGEST_COMMAND

const CLOSED = 'closed the connection before its answer was complete'
const NO_CERTIFICATE = 'does not take the certificate of "control.cert"'

/** Errors of a server that is there, and does not let us, or that we do not trust. */
const REFUSES = /^(EACCES|EPERM|EPROTO|ERR_SSL_.*|ERR_TLS_.*|.*CERT.*|UNABLE_TO_.*)$/

/** Where it is, for a person. */
export const printControl = (address: ControlAddress): string =>
  typeof address === 'string' ? address : `${address.host}:${address.port}`

/** The control channel of one server. */
export interface Control {
  /** Where it is, for a person. */
  readonly place: string
  /** Sends a command and gives its answer; rejects with ServerFailure, also where the answer is a refusal. */
  ask(command: string): Promise<string>
  /** The same for an answer that can be long, or empty. */
  list(command: string): Promise<string>
}

const failureFor = (place: string, error: unknown): ServerFailure => {
  if (error instanceof ServerFailure) return error
  const { code = '' } = error as { code?: string }
  const text = /^ERR_SSL_.*ALERT/.test(code) ? NO_CERTIFICATE : whyUnanswered(error)
  return new ServerFailure(REFUSES.test(code) ? 'refused' : 'unreachable', 'lane', `${place} ${text}`)
}

/** Opens the control channel. Nothing is asked before the first command; PEM files are read then, and kept. */
export const openControl = (address: ControlAddress, timeout: number): Control => {
  const place = printControl(address)
  let last: Promise<unknown> = Promise.resolve()
  let pem: { ca: Buffer; cert: Buffer; key: Buffer } | null = null

  const readPem = (file: string): Buffer => {
    try {
      return readFileSync(file)
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      throw new ServerFailure('refused', 'lane', `${place} cannot be asked, as ${file} cannot be read (${code})`)
    }
  }

  const connected = (): Socket => {
    if (typeof address === 'string') return createConnection(address)
    const { host, port, ca, cert, key } = address
    pem ??= { ca: readPem(ca), cert: readPem(cert), key: readPem(key) }
    return connectTls({ host, port, ...pem, servername: 'unbound' })
  }

  const exchange = (command: string, patience: number): Promise<string> =>
    new Promise((resolve, reject) => {
      const parts: Buffer[] = []
      let size = 0
      const socket = connected()
      const give = (detail: string) => socket.destroy(new ServerFailure('unreachable', 'lane', `${place} ${detail}`))
      const deadline = setTimeout(
        () => give(`did not answer within ${(timeout * patience) / 1000} s`),
        timeout * patience,
      )
      socket.setTimeout(timeout, () => give(`did not answer within ${timeout / 1000} s`))
      socket.on('data', part => {
        size += part.length
        if (size > MOST_BYTES) give('answered with more than is taken')
        else parts.push(part)
      })
      socket.on('end', () => resolve(Buffer.concat(parts).toString('latin1')))
      socket.on('error', error => {
        // Its files may have been renewed since.
        pem = null
        reject(failureFor(place, error))
      })
      socket.on('close', () => {
        clearTimeout(deadline)
        reject(new ServerFailure('unreachable', 'lane', `${place} ${CLOSED}`))
      })
      socket.write(`${HELLO}${command}\n`)
    })

  const inTurn = (command: string, patience: number): Promise<string> => {
    const mine = last.then(() => exchange(command, patience))
    last = mine.catch(() => {})
    return mine
  }

  /** Without its certificate it closes TLS without a word. */
  const unanswered = (): ServerFailure =>
    typeof address === 'string'
      ? new ServerFailure('unreachable', 'lane', `${place} ${CLOSED}`)
      : new ServerFailure(
          'refused',
          'lane',
          `${place} gave no answer, as it does for a certificate that it does not know`,
        )

  const checked = (answer: string): string => {
    if (!isRefusal(answer)) return answer
    const fault = answer.startsWith('error parsing') ? 'change' : 'lane'
    throw new ServerFailure('refused', fault, `${place} says: ${answer.split('\n')[0]!.slice(0, 200)}`)
  }

  return {
    place,
    ask: async command => {
      const answer = checked(await inTurn(command, 1))
      if (!answer.endsWith('\n'))
        throw answer === '' ? unanswered() : new ServerFailure('unreachable', 'lane', `${place} ${CLOSED}`)
      return answer
    },
    list: async command => {
      const answer = checked(await inTurn(command, LISTING_PATIENCE))
      if (answer !== '' && !answer.endsWith('\n')) throw new ServerFailure('unreachable', 'lane', `${place} ${CLOSED}`)
      return answer
    },
  }
}
