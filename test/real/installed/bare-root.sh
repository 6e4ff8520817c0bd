#!/bin/sh
# Builds a Debian 12 root as a site has it before Leasehold: a bare Debian with Kea 2.2 and BIND 9, and neither Node nor npm.
#   sh test/real/installed/bare-root.sh FOLDER && BARE_ROOT=FOLDER npx tap test/real/installed/bare.test.ts
# Needs root, debootstrap, about 2 minutes and 400 MB. The mirror is the one that this machine's apt uses. The packages that
# the test will install are fetched too, so that the test itself asks no mirror.
set -eu
root=${1:?usage: bare-root.sh FOLDER}
[ ! -e "$root/whole" ] || exit 0
mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' | grep -m1 '/debian/\{0,1\}$')
rm -rf "$root"
debootstrap --variant=minbase bookworm "$root" "$mirror"
cp /etc/resolv.conf "$root/etc/resolv.conf"
# The test starts what it needs, and a root that is thrown away need not be flushed to the disk.
printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"
chmod +x "$root/usr/sbin/policy-rc.d"
echo force-unsafe-io >"$root/etc/dpkg/dpkg.cfg.d/unsafe-io"
apt() { DEBIAN_FRONTEND=noninteractive chroot "$root" apt-get -q -y "$@"; }
apt update
apt install --no-install-recommends kea-dhcp4-server bind9 bind9-dnsutils
apt install --no-install-recommends --download-only npm
touch "$root/whole"
