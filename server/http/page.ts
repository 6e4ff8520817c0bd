/*
 * The page at /: plain files of web/, and three of two libraries, served as they are.
 *
 *     /                     web/index.html
 *     /web/app.js, ...      web/
 *     /web/vendor/htm.js    htm's standalone bundle, which has preact in it: a bare import would need an inline map
 *     /web/vendor/uplot.js  uPlot, which plots the updates a minute
 *
 * The page needs no token: its calls carry it. Its policy lets it load and run only what comes from here, and nothing that
 * stands inline. A file is revalidated by its tag, so that an update of Leasehold is seen at once.
 */
import { existsSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import helmet from '@fastify/helmet'
import files from '@fastify/static'
import type { FastifyPluginAsync, FastifyReply } from 'fastify'

/** Files of libraries, by the name under which the page imports them. */
const vendor = (): Record<string, string> => {
  const pathOf = (module: string) => fileURLToPath(import.meta.resolve(module))
  const uplot = dirname(pathOf('uplot'))
  return {
    'htm.js': pathOf('htm/preact/standalone'),
    'uplot.js': join(uplot, 'uPlot.iife.min.js'),
    'uplot.css': join(uplot, 'uPlot.min.css'),
  }
}

/** The folder of the page: beside `server`, or beside `dist` where this file is compiled. */
const root = (): string =>
  ['../../web/', '../../../web/'].map(path => fileURLToPath(new URL(path, import.meta.url))).find(existsSync)!

/** What a browser may do on the page. There is no TLS here, so nothing is said of it. */
const POLICY = {
  contentSecurityPolicy: {
    useDefaults: false,
    directives: {
      defaultSrc: ["'none'"],
      scriptSrc: ["'self'"],
      styleSrc: ["'self'"],
      imgSrc: ["'self'"],
      connectSrc: ["'self'"],
      baseUri: ["'none'"],
      formAction: ["'none'"],
      frameAncestors: ["'none'"],
    },
  },
  strictTransportSecurity: false,
  originAgentCluster: false,
} as const

const send = (reply: FastifyReply, file: string, root: string): FastifyReply => reply.sendFile(file, root)

/** GET / and the files that the page is made of. */
export const page: FastifyPluginAsync = async app => {
  const web = root()
  const ofLibraries = vendor()
  await app.register(helmet, POLICY)
  await app.register(files, { root: web, serve: false, cacheControl: false, etag: true })
  const routes: [url: string, sent: (name: string) => [file: string, folder: string] | null][] = [
    ['/', () => ['index.html', web]],
    [
      '/web/vendor/:file',
      name => (ofLibraries[name] ? [basename(ofLibraries[name]), dirname(ofLibraries[name])] : null),
    ],
    ['/web/:file', name => [name, web]],
    ['/web/views/:file', name => [`views/${name}`, web]],
  ]
  for (const [url, sent] of routes) {
    app.get<{ Params: { file?: string } }>(url, { config: { role: 'anyone' } }, (request, reply) => {
      const found = sent(request.params.file ?? '')
      return found ? send(reply.header('cache-control', 'no-cache'), ...found) : reply.callNotFound()
    })
  }
}
