#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# api_certificates.sh DIRECTORY: an authority with capmond's certificate and those of clients: a
# viewer, another one named mallory, an operator, one without a role, one with both roles, ones whose names are almost a role,
# an operator whose certificate has expired and one whose is not valid yet, and one that signed its
# own; and a second authority with an operator whom the first one does not know.
set -euo pipefail
. "$(dirname "$(realpath "$0")")/authority.sh"
cd "$1"

authority ca
authority other-ca
signed ca server IP:127.0.0.1,DNS:localhost
signed ca viewer URI:capmon://viewer
signed ca mallory URI:capmon://viewer
signed ca operator URI:capmon://operator
signed ca nobody DNS:nobody.test
signed ca expired URI:capmon://operator -1
signed ca both URI:capmon://viewer,URI:capmon://operator
signed ca capitals URI:CAPMON://OPERATOR,DNS:capmon.operator
signed ca longer URI:capmon://operator/,URI:capmon://operators
authority self -addext subjectAltName=URI:capmon://operator
mkdir -p early.d && : >early.d/index.txt && echo 01 >early.d/serial
openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj /CN=early \
  -keyout early.key -out early.csr 2>/dev/null
openssl ca -batch -notext -config <(echo "[ca]
default_ca=a
[a]
database=early.d/index.txt
serial=early.d/serial
new_certs_dir=early.d
default_md=sha256
policy=p
[p]
commonName=supplied") -extfile <(echo subjectAltName=URI:capmon://operator) -in early.csr \
  -cert ca.pem -keyfile ca.key -startdate 20900101000000Z -enddate 20910101000000Z \
  -out early.pem 2>/dev/null
signed other-ca stranger URI:capmon://operator
