#!/bin/sh
# Builds a Debian root with a current Kea (3.0 at the time of writing) in FOLDER, for tests against real Kea 3 beside the
# one that apt installs here:  sh test/real/dhcp/kea3-root.sh FOLDER && KEA3_ROOT=FOLDER npx tap test/real/kea/kea-hook.test.ts
# Needs root, debootstrap, about 2 minutes and 500 MB. The mirror is the one that this machine's apt uses.
set -eu
root=${1:?usage: kea3-root.sh FOLDER [SUITE]} suite=${2:-forky}
mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' | grep -m1 '/debian/\{0,1\}$')
[ -x "$root/usr/sbin/kea-dhcp4" ] ||
  debootstrap --variant=minbase --include=kea,curl "$suite" "$root" "$mirror" /usr/share/debootstrap/scripts/sid
mkdir -p "$root/run/kea" "$root/var/lib/kea" "$root/var/log/kea" "$root/usr/share/kea/scripts"
chmod 750 "$root/run/kea"
