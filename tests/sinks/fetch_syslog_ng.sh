#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# fetch_syslog_ng.sh: prints the path of a program that runs syslog-ng.
# Debian's packages exclude each other's system loggers, so it cannot be installed beside rsyslog: it is
# unpacked, not installed, below $CAPMON_SYSLOG_NG_CACHE, else /var/cache/capmon/syslog-ng; remove that to
# have a newer one. apt checks the packages against Debian's signatures.
# Exits 77, saying why in one line on standard error, where there is none to be had.
set -euo pipefail

cache=${CAPMON_SYSLOG_NG_CACHE:-/var/cache/capmon/syslog-ng}
# With the libraries that only it uses here.
packages=(syslog-ng-core libivykis0 libnet1 libwrap0 libjson-c5 libpcre3)

unavailable() {
  echo "no syslog-ng: $*" >&2
  exit 77
}

if command -v syslog-ng; then exit 0; fi
if [[ -x $cache/run ]]; then
  echo "$cache/run"
  exit 0
fi
command -v apt-get >/dev/null || unavailable "not a Debian system"
mkdir -p "$(dirname "$cache")" 2>/dev/null || true
[[ -w $(dirname "$cache") ]] || unavailable "$(dirname "$cache") cannot be written"
work=$(mktemp -d "$cache.fetching.XXXXXX")
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"

download() { (cd "$work" && apt-get -qq -o APT::Sandbox::User=root download "${packages[@]}"); }
if ! download >"$work/log" 2>&1; then
  apt-get -qq update >>"$work/log" 2>&1 || true
  download >>"$work/log" 2>&1 || unavailable "${packages[*]} cannot be had ($(tail -n 1 "$work/log"))"
fi
for package in "$work"/*.deb; do dpkg-deb --extract "$package" "$work/root"; done
rm -f "$work"/*.deb "$work/log"
cat >"$work/run" <<'EOF'
#!/bin/sh
# Runs the unpacked syslog-ng with the libraries and modules beside it.
root=$(dirname "$0")/root
export LD_LIBRARY_PATH="$(echo "$root"/usr/lib/*-linux-gnu):$(echo "$root"/lib/*-linux-gnu):$root/usr/lib/syslog-ng"
exec "$root/usr/sbin/syslog-ng" --module-path="$(echo "$root"/usr/lib/syslog-ng/[0-9]*)" "$@"
EOF
chmod 755 "$work/run"
"$work/run" --version >/dev/null 2>&1 || unavailable "the unpacked one does not start"
# A parallel run may have been faster; it fetched the same.
mv -T "$work" "$cache" 2>/dev/null || [[ -x $cache/run ]]
echo "$cache/run"
