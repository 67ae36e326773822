#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# certificates.sh DIRECTORY: an authority with a server's and a client's certificate, and a second
# authority with a client's certificate that the first one's server refuses.
set -euo pipefail
. "$(dirname "$(realpath "$0")")/authority.sh"
cd "$1"

authority ca
authority other-ca
signed ca server IP:127.0.0.1,DNS:siem.test
signed ca client DNS:capmon.test
signed other-ca stranger DNS:capmon.test
