#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Functions to make certificates in the current directory; for other scripts.

# authority NAME [OPTIONS...]
authority() {
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 \
    -subj "/CN=$1" -keyout "$1.key" -out "$1.pem" "${@:2}" 2>/dev/null
}

# signed AUTHORITY NAME ALTERNATIVES [DAYS]
signed() {
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj "/CN=$2" \
    -keyout "$2.key" -out "$2.csr" 2>/dev/null
  openssl x509 -req -in "$2.csr" -CA "$1.pem" -CAkey "$1.key" -CAcreateserial -days "${4:-2}" \
    -extfile <(echo "subjectAltName=$3") -out "$2.pem" 2>/dev/null
}
