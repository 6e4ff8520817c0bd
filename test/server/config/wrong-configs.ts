/* Configurations that are wrong: each with the field that is told, what was expected there, and what was found. */

export const BIND = {
  name: 'bind',
  kind: 'rfc2136',
  servers: ['192.0.2.53:53'],
  zones: ['lab.example.net', '10.in-addr.arpa'],
}

const TSIG = { name: 'leasehold', secret: 'c2VjcmV0' }

export const OFFICE = { name: 'office', subnet: '10.1.0.0/16', domain: 'lab.example.net' }

export const LAB = { name: 'lab', subnet: '10.2.0.0/16', domain: 'lab.example.net' }

export const TOKEN = { name: 'kea', role: 'callout', secret: 'hunter2' }

/** A configuration that uses most of what there is, with secrets that are there. */
export const CONTRACT = {
  http: { host: '127.0.0.1', port: 8053, tokens: [{ name: 'kea', role: 'callout', secret: { env: 'TOKEN' } }] },
  store: { kind: 'json', path: './data' },
  dns: [
    { name: 'local', kind: 'embedded', host: '127.0.0.1', port: 5353 },
    { ...BIND, tsig: { name: 'leasehold', algorithm: 'hmac-sha256', secret: { env: 'TSIG_SECRET' } } },
  ],
  kea: [
    {
      name: 'kea1',
      url: 'http://127.0.0.1:8000',
      services: ['dhcp4', 'dhcp6'],
      pollSeconds: 300,
      ha: true,
      memfile: { dhcp4: '/var/lib/kea/kea-leases4.csv' },
    },
  ],
  ncr: { host: '127.0.0.1', port: 53_001 },
  scopes: [{ ...OFFICE, backend: 'bind', profile: 'balanced', retainOnExpiry: true, ttl: 300 }],
}

export const ENV = { TOKEN: 'token-of-kea', TSIG_SECRET: 'c2VjcmV0' }

type Row = [what: string, input: unknown, field: string, expected: string | RegExp, found: string | RegExp]

export const hosts = (...names: unknown[]) => ({ http: { hosts: names } })

export const shape: Row[] = [
  ['no object', [], 'the configuration', 'an object', 'a list'],
  ['an unknown key', { scope: [] }, 'scope', 'no such key', 'one'],
  ['__proto__', JSON.parse('{"__proto__": {}}'), '__proto__', 'no such key', 'one'],
  [
    'a flag as text',
    { scopes: [{ ...OFFICE, retainOnExpiry: 'yes' }] },
    'scopes[0].retainOnExpiry',
    'true or false',
    '"yes"',
  ],
  ['a wrong profile', { scopes: [{ ...OFFICE, profile: 'mild' }] }, 'scopes[0].profile', /conservative/, '"mild"'],
  [
    'half a grace',
    { scopes: [{ ...OFFICE, grace: { expiry: '1d' } }] },
    'scopes[0].grace.release',
    /seconds/,
    'nothing',
  ],
  [
    'a poll once a month',
    { kea: [{ name: 'k', url: 'http://127.0.0.1:1', services: ['dhcp4'], pollSeconds: '30d' }] },
    'kea[0].pollSeconds',
    /^at most 7d/,
    '"30d"',
  ],
  [
    'a grace for ever',
    { scopes: [{ ...OFFICE, grace: { expiry: '9999999d', release: 0 } }] },
    'scopes[0].grace.expiry',
    /^at most 3650d/,
    '"9999999d"',
  ],
  [
    'a grace for ever, in one word',
    { scopes: [{ ...OFFICE, grace: '999999w' }] },
    'scopes[0].grace',
    /at most 3650d/,
    '"999999w"',
  ],
  [
    'a reservation in no scope',
    { scopes: [OFFICE], reservations: [{ scope: 'home', client: 'hw:02:00:00:00:00:01' }] },
    'reservations[0].scope',
    /^the name of a scope \("office"\)$/,
    '"home"',
  ],
  [
    'a reserved address of another scope',
    { scopes: [OFFICE], reservations: [{ scope: 'office', client: 'id:01', address: '192.0.2.1' }] },
    'reservations[0].address',
    /^an address in /,
    '"192.0.2.1"',
  ],
  [
    'a reservation for nobody',
    { scopes: [OFFICE], reservations: [{ scope: 'office', client: 'printer' }] },
    'reservations[0].client',
    /"hw:", "id:" or "duid:"/,
    '"printer"',
  ],
  ['a wrong grace', { scopes: [{ ...OFFICE, grace: 'long' }] }, 'scopes[0].grace', /duration/, '"long"'],
  ['no subnet', { scopes: [{ ...OFFICE, subnet: 'office' }] }, 'scopes[0].subnet', /network/, '"office"'],
  ['no scopes', { scopes: [] }, 'scopes', 'at least 1 entries', 'a list'],
  ['a wrong port', { http: { port: 70_000 } }, 'http.port', 'at most 65535', '70000'],
  ['a host that is a URL', hosts('http://ns.lab'), 'http.hosts[0]', /host name/, '"http://ns.lab"'],
  ['any host', hosts('ns.lab', '*'), 'http.hosts[1]', /dns\.example\.net:8443/, '"*"'],
  ['no host', hosts(''), 'http.hosts[0]', /host name/, '""'],
  ['a host with a path', hosts('ns.lab/x'), 'http.hosts[0]', /host name/, '"ns.lab/x"'],
  ['a host with too high a port', hosts('ns.lab:65536'), 'http.hosts[0]', /host name/, '"ns.lab:65536"'],
  ['an IPv6 host that is none', hosts('[::1::2]'), 'http.hosts[0]', /host name/, '"[::1::2]"'],
  ['a host beside a list', { http: { hosts: 'ns.lab' } }, 'http.hosts', /a list/, 'a text'],
  ['an unknown kind of DNS', { dns: [{ name: 'x', kind: 'bind9' }] }, 'dns[0].kind', /rfc2136/, '"bind9"'],
  ['a wrong server', { dns: [{ ...BIND, servers: ['ns1:53'] }] }, 'dns[0].servers[0]', /address/, '"ns1:53"'],
  [
    'a secret that is a number',
    { http: { tokens: [{ ...TOKEN, secret: 1234 }] } },
    'http.tokens[0].secret',
    /env/,
    'a number',
  ],
  ['a mislaid secret', { http: { tokens: ['hunter2'] } }, 'http.tokens[0]', 'an object', 'a text'],
  [
    'a password in a wrong url',
    { kea: [{ name: 'a', url: 'kea:hunter2@x', services: ['dhcp4'] }] },
    'kea[0].url',
    /URL/,
    'a text',
  ],
]

export const dns = (...entries: unknown[]) => ({ dns: entries })

export const scopes = (...entries: unknown[]) => ({ dns: [{ ...BIND, tsig: TSIG }], scopes: entries })

export const tokens = (...entries: unknown[]) => ({ http: { tokens: entries } })

export const cross: Row[] = [
  ['two servers of one name', dns(BIND, BIND), 'dns[1].name', 'another than dns[0].name', '"bind" again'],
  [
    'two scopes of one name',
    scopes(OFFICE, { ...LAB, name: 'office' }),
    'scopes[1].name',
    /scopes\[0\]/,
    '"office" again',
  ],
  [
    'two tokens of one name',
    tokens(TOKEN, { ...TOKEN, secret: 'x' }),
    'http.tokens[1].name',
    /tokens\[0\]/,
    '"kea" again',
  ],
  [
    'two tokens of one secret',
    tokens(TOKEN, { ...TOKEN, name: 'b' }),
    'http.tokens[1].secret',
    /tokens\[0\]/,
    'the same again',
  ],
  ['an unknown backend', scopes({ ...OFFICE, backend: 'b9' }), 'scopes[0].backend', /"bind"/, '"b9"'],
  [
    'host bits',
    scopes({ ...OFFICE, subnet: '10.1.0.1/16' }),
    'scopes[0].subnet',
    'a network',
    /did you mean 10\.1\.0\.0\/16\?/,
  ],
  ['a long prefix', scopes({ ...OFFICE, subnet: '10.1.0.0/33' }), 'scopes[0].subnet', 'a network', /no prefix length/],
  ['one subnet twice', scopes(OFFICE, { ...LAB, subnet: '10.1.0.0/16' }), 'scopes[1].subnet', /scopes\[0\]/, /again/],
  [
    'one subnet in two notations',
    scopes({ ...OFFICE, subnet: '2001:DB8:0::/64' }, { ...LAB, subnet: '2001:db8::/64' }),
    'scopes[1].subnet',
    /scopes\[0\]/,
    '"2001:db8::/64" again',
  ],
  [
    'a domain elsewhere',
    scopes({ ...OFFICE, domain: 'example.org' }),
    'scopes[0].domain',
    /lab\.example\.net/,
    '"example.org"',
  ],
  [
    'a forward zone elsewhere',
    scopes({ ...OFFICE, forwardZone: 'b.net' }),
    'scopes[0].forwardZone',
    /above/,
    '"b.net"',
  ],
  [
    'a reverse zone elsewhere',
    scopes({ ...OFFICE, reverseZone: '2.10.in-addr.arpa' }),
    'scopes[0].reverseZone',
    /1\.10\.in-addr\.arpa/,
    /2\.10/,
  ],
  [
    'a floor above the ceiling',
    scopes({ ...OFFICE, ttl: { percent: 3, min: 9, max: 3 } }),
    'scopes[0].ttl.max',
    /9/,
    '3',
  ],
  ['open to all', { http: { host: '0.0.0.0' } }, 'http.tokens', /0\.0\.0\.0/, 'none'],
  ['open to all over IPv6', { http: { host: '::' } }, 'http.tokens', /loopback/, 'none'],
  ['unsigned by accident', dns(BIND), 'dns[0].tsig', /unsigned/, 'nothing'],
  ['a wrong octet', dns({ ...BIND, servers: ['192.0.2.256'] }), 'dns[0].servers[0]', /address/, '"192.0.2.256"'],
  ['a port that is none', dns({ ...BIND, servers: ['[::1]:0'] }), 'dns[0].servers[0]', /port/, '"[::1]:0"'],
  [
    'a record that cannot be',
    dns({ name: 'a', kind: 'embedded', records: [{ name: 'www.home.arpa', type: 'A', value: '::1' }] }),
    'dns[0].records[0].value',
    /IPv4/,
    '"::1"',
  ],
  [
    'a secret with a space',
    tokens({ ...TOKEN, secret: 'hunter2 x' }),
    'http.tokens[0].secret',
    /visible/,
    'something else',
  ],
  [
    'a variable that is not set',
    tokens({ ...TOKEN, secret: { env: 'NONE' } }),
    'http.tokens[0].secret.env',
    /variable/,
    /NONE/,
  ],
  [
    'an empty variable',
    tokens({ ...TOKEN, secret: { env: 'EMPTY' } }),
    'http.tokens[0].secret',
    /visible/,
    'nothing in it',
  ],
  [
    'a file that is not there',
    tokens({ ...TOKEN, secret: { file: '/nowhere' } }),
    'http.tokens[0].secret.file',
    /file/,
    /ENOENT/,
  ],
  [
    'a key that is not base64',
    dns({ ...BIND, tsig: { ...TSIG, secret: 'hunter2!' } }),
    'dns[0].tsig.secret',
    /base64/,
    'something else',
  ],
]
