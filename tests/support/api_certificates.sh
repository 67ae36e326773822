#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# api_certificates.sh DIRECTORY: an authority with capmond's certificate and those of clients: a
# viewer, an operator, one without a role, an operator whose certificate has expired; and a second
# authority with an operator whom the first one does not know.
set -euo pipefail
. "$(dirname "$(realpath "$0")")/authority.sh"
cd "$1"

authority ca
authority other-ca
signed ca server IP:127.0.0.1,DNS:localhost
signed ca viewer URI:capmon://viewer
signed ca operator URI:capmon://operator
signed ca nobody DNS:nobody.test
signed ca expired URI:capmon://operator -1
signed other-ca stranger URI:capmon://operator
