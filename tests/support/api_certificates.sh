#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# api_certificates.sh DIRECTORY: an authority with capmond's certificate and those of clients: a
# viewer, an operator, one without a role, an operator whose certificate has expired; and a second
# authority with an operator whom the first one does not know.
set -euo pipefail
cd "$1"

authority() {
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 \
    -subj "/CN=$1" -keyout "$1.key" -out "$1.pem" 2>/dev/null
}

# signed AUTHORITY NAME ALTERNATIVES [DAYS]
signed() {
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj "/CN=$2" \
    -keyout "$2.key" -out "$2.csr" 2>/dev/null
  openssl x509 -req -in "$2.csr" -CA "$1.pem" -CAkey "$1.key" -CAcreateserial -days "${4:-2}" \
    -extfile <(echo "subjectAltName=$3") -out "$2.pem" 2>/dev/null
}

authority ca
authority other-ca
signed ca server IP:127.0.0.1,DNS:localhost
signed ca viewer URI:capmon://viewer
signed ca operator URI:capmon://operator
signed ca nobody DNS:nobody.test
signed ca expired URI:capmon://operator -1
signed other-ca stranger URI:capmon://operator
