#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The work of the sample container: three actions that need a capability each; then it waits.
set -e
ping -c 1 127.0.0.1 >/dev/null
echo "pinged 127.0.0.1 through a raw socket"
echo report >/srv/report
chown 1000:1000 /srv/report
echo "gave /srv/report to user 1000"
su worker -c 'id -un >/tmp/who'
echo "became user $(cat /tmp/who)"
echo "work done"
exec sleep 3600
