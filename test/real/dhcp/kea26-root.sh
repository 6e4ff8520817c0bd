#!/bin/sh
# Builds a Debian 13 root with Kea 2.6 in FOLDER, for tests against it beside the Kea that apt installs here:
#   sh test/real/dhcp/kea26-root.sh FOLDER && KEA26_ROOT=FOLDER npx tap test/real/kea/kea-hook.test.ts
# Kea 2.6 keeps a released lease as a row in state 0 with a lifetime of 0, as no other that we test does.
exec sh "$(dirname "$0")/kea3-root.sh" "${1:?usage: kea26-root.sh FOLDER}" trixie
