/** Bodies that a user of the API can copy, by operationId and content type. A test sends each of them. */
export const EXAMPLES: Record<string, Record<string, Record<string, { summary: string; value: unknown }>>> = {
  reportCallout: {
    'application/json': {
      committed: {
        summary: 'leases4_committed: a client got a lease',
        value: {
          variables: {
            LEASES4_SIZE: '1',
            LEASES4_AT0_ADDRESS: '10.1.0.20',
            LEASES4_AT0_CLTT: '1795248000',
            LEASES4_AT0_HOSTNAME: 'laptop',
            LEASES4_AT0_HWADDR: '02:00:5e:10:00:01',
            LEASES4_AT0_HWADDR_TYPE: '1',
            LEASES4_AT0_STATE: 'default',
            LEASES4_AT0_SUBNET_ID: '1',
            LEASES4_AT0_VALID_LIFETIME: '3600',
            LEASES4_AT0_CLIENT_ID: '01:02:00:5e:10:00:01',
            DELETED_LEASES4_SIZE: '0',
          },
        },
      },
    },
    'application/x-kea-environment': {
      expired: {
        summary: 'lease4_expire: what env -0 prints, NAME=value with a NUL after each',
        value:
          'LEASE4_ADDRESS=10.1.0.20\0LEASE4_CLTT=1795248000\0LEASE4_HOSTNAME=laptop\0LEASE4_HWADDR=02:00:5e:10:00:01\0LEASE4_HWADDR_TYPE=1\0LEASE4_STATE=default\0LEASE4_SUBNET_ID=1\0LEASE4_VALID_LIFETIME=3600\0LEASE4_CLIENT_ID=\0',
      },
    },
  },
  pinName: {
    'application/json': {
      pin: {
        summary: 'Keep a name until the move',
        value: { why: 'the printer moves in March', until: '2099-03-31T18:00:00Z' },
      },
    },
  },
  unpinName: { 'application/json': { unpin: { summary: 'Take a pin back', value: { why: 'the printer is gone' } } } },
  promoteName: {
    'application/json': { promote: { summary: 'Make a name infrastructure', value: { why: 'the build server' } } },
  },
  demoteName: {
    'application/json': { demote: { summary: 'Take a promotion back', value: { why: 'a desktop again' } } },
  },
  releaseName: { 'application/json': { release: { summary: 'Let go what stays', value: { why: 'scrapped' } } } },
  giveBackName: {
    'application/json': { back: { summary: 'Undo what a person did', value: { why: 'a typing error' } } },
  },
  restoreName: {
    'application/json': { restore: { summary: 'Bring back a name', value: { why: 'released too early' } } },
  },
  assignName: {
    'application/json': {
      label: { summary: 'A label in one scope', value: { name: 'nas', scope: 'office', why: 'it says "DiskStation"' } },
      full: { summary: 'A full name', value: { name: 'nas.lab.example.net' } },
    },
  },
  unassignName: { 'application/json': { unassign: { summary: "Take back a client's name", value: { why: 'sold' } } } },
  aliasName: {
    'application/json': { alias: { summary: 'The web server of today', value: { target: 'node3.lab.example.net' } } },
  },
  unaliasName: { 'application/json': { unalias: { summary: 'Take an alias back', value: { why: 'it moved out' } } } },
  setPolicy: {
    'application/json': {
      set: {
        summary: 'Names go when their leases expire, after two hours',
        value: { retainOnExpiry: false, grace: { expiry: '2h', release: 0 } },
      },
      reset: { summary: 'Back to what the configuration says', value: { retainOnExpiry: null, grace: null } },
    },
  },
  reportEvents: {
    'application/json': {
      one: {
        summary: 'A client got a lease',
        value: {
          event: 'committed',
          'ip-address': '10.1.0.20',
          'hw-address': '02:00:5e:10:00:01',
          'client-id': '01:02:00:5e:10:00:01',
          cltt: 1795248000,
          'valid-lft': 3600,
          'subnet-id': 1,
          hostname: 'laptop',
          state: 0,
        },
      },
      many: {
        summary: 'An IPv6 lease expired, another was released',
        value: [
          {
            event: 'expired',
            'ip-address': '2001:db8:1::20',
            duid: '00:01:00:01:2c:00:00:00:02:00:5e:10:00:01',
            iaid: 1,
            cltt: 1795248000,
            'valid-lft': 3600,
            hostname: 'laptop.lab.example.net.',
          },
          {
            event: 'released',
            'ip-address': '2001:db8:1::21',
            duid: '00:01:00:01:2c:00:00:00:02:00:5e:10:00:02',
            iaid: 1,
            cltt: 1795248000,
            'valid-lft': 3600,
          },
        ],
      },
    },
  },
}
