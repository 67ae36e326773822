# SPDX-License-Identifier: Apache-2.0
# One answer of a web server, for the proxies: `socat TCP-LISTEN:8080 EXEC:'bash THIS'`.
while read -r line && [ "$line" != $'\r' ]; do :; done
printf 'HTTP/1.0 200 OK\r\n\r\nhello from behind'
