# SPDX-License-Identifier: Apache-2.0
# First process of a tool's container: runs the job, reports its exit status, and stays, so that
# the check finds the namespaces as the job left them.
bash /corpus/call.sh job
echo "$?" >/corpus/status
read -r _ </corpus/forever
