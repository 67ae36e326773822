# SPDX-License-Identifier: Apache-2.0
# Runs one function of the case this root file system was prepared for.
set -e
. /corpus/case.sh
"$1"
