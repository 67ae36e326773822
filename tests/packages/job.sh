#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What happens in the machine of systemd.py, as a unit of its systemd: packages are installed, upgraded and
# removed while a container works. Reports to the second serial port, where systemd.py judges it.
exec 3>/dev/ttyS1 </dev/null
stty -F /dev/ttyS1 raw
export PATH=/usr/sbin:/usr/bin:/sbin:/bin DEBIAN_FRONTEND=noninteractive HOME=/root

# report NAME COMMAND...: what the command says, and how it ends.
report() {
  name=$1
  shift
  said=$("$@" 2>&1)
  printf '== %s %s\n%s\n' "$name" $? "$said" >&3
  echo "$name: $(cut -d ' ' -f 1 /proc/uptime) s"
}
# patiently COMMAND...: repeats it until it succeeds, for a few minutes.
patiently() {
  tries=0
  until "$@" >/dev/null 2>&1; do
    tries=$((tries + 1))
    [ $tries -lt 200 ] || return
    sleep 1
  done
}
# The container that works is $container.
start() {
  container=$1
  runc run --bundle "/containers/$1" "$1" >/dev/null 2>&1 &
  patiently keeps_chown
}
end() {
  touch "/containers/$container/rootfs/stop"
  wait $!
}
profile() { capmon profile "$1" -o json | tr -d ' \n'; }
keeps_chown() { profile "$container" | grep -q '"keep":\["CAP_CHOWN"'; }
counted() {
  count=$(profile "$container" | sed -n 's/.*"CAP_CHOWN","verdict":"[a-z]*","granted":true,"count":"\([0-9]*\)".*/\1/p')
  [ "${count:-0}" -ge "$1" ]
}
# The container writes the file anew each time, so it may be empty for a moment.
made() {
  number=
  until [ -n "$number" ]; do number=$(cat "/containers/$container/rootfs/made"); done
  echo "$number"
}
made_more_than() { [ "$(made)" -gt "$1" ]; }
main_pid() { systemctl show --property MainPID --value capmond.service; }
privileges() {
  while read -r process; do
    # One that ends meanwhile says nothing.
    grep -hE '^(Name|Uid|Cap|NoNewPrivs|Seccomp)' "/proc/$process/status"
    readlink "/proc/$process/ns/net" "/proc/$process/ns/mnt"
    echo
  done </sys/fs/cgroup/system.slice/capmond.service/cgroup.procs
}
# upgrade NAME REVISION: and works on for a while.
upgrade() {
  was=$(made)
  report "$1" dpkg --install "/packages/$2"/*.deb
  patiently capmon status
  report "$1-version" dpkg-query --show --showformat '${Version}' capmond
  report "$1-active" systemctl is-active capmond.service
  report "$1-pid" main_pid
  report "$1-pins" ls /sys/fs/bpf/capmon
  report "$1-profile" profile "$container"
  report "$1-was" echo "$was"
  patiently made_more_than "$(($(made) + 20))"
}

report install dpkg --install /packages/1/*.deb
patiently capmon status
report active systemctl is-active capmond.service
report enabled systemctl is-enabled capmond.service
report pid main_pid
report security systemd-analyze security --no-pager capmond.service
report status capmon status -o json
report privileges privileges
report host readlink /proc/1/ns/net /proc/1/ns/mnt

start web
report profile profile web
report pins ls /sys/fs/bpf/capmon
upgrade same 2
end
patiently counted "$(made)"
report ended-made made
report ended-profile profile web

# Other sizes: the programs of this capmond cannot be those of the last one.
start api
echo 'max_checks: 70000' >>/etc/capmon/capmond.yaml
upgrade other 3
end
patiently counted "$(made)"
report other-made made
report other-ended-profile profile api
report other-web-profile profile web
report journal journalctl --no-pager --lines 40 --unit capmond.service

report remove dpkg --remove capmond
report removed-pins find /sys/fs/bpf -mindepth 1
report removed-evidence find /var/lib/capmon -type f
report purge dpkg --purge capmond capmon
report left find / -xdev -path '*capmon*' -not -path '/packages/*' -not -path '/sys/*' -not -path '/proc/*'
report audit dpkg --audit
report failed systemctl list-units --failed --plain --no-legend
sync
systemctl reboot --force --force
