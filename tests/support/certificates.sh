#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# certificates.sh DIRECTORY: an authority with a server's and a client's certificate, and a second
# authority with a client's certificate that the first one's server refuses.
set -euo pipefail
cd "$1"

authority() {
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 \
    -subj "/CN=$1" -keyout "$1.key" -out "$1.pem" 2>/dev/null
}

# signed AUTHORITY NAME ALTERNATIVES
signed() {
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj "/CN=$2" \
    -keyout "$2.key" -out "$2.csr" 2>/dev/null
  openssl x509 -req -in "$2.csr" -CA "$1.pem" -CAkey "$1.key" -CAcreateserial -days 2 \
    -extfile <(echo "subjectAltName=$3") -out "$2.pem" 2>/dev/null
}

authority ca
authority other-ca
signed ca server IP:127.0.0.1,DNS:siem.test
signed ca client DNS:capmon.test
signed other-ca stranger DNS:capmon.test
