// SPDX-License-Identifier: Apache-2.0
// TLS for the API: certificates of both sides, read again when their files change.
#pragma once

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "grpcpp/security/server_credentials.h"

namespace capmon {

// Files in PEM form.
struct TlsFiles {
  std::string certificate;  // with the chain below the authority
  std::string key;
  std::string client_ca;  // signs the certificates of clients
  unsigned refresh_seconds = 10;
};

// INVALID_ARGUMENT unless the files can be read, are what they should be, and belong together.
absl::Status CheckTlsFiles(const TlsFiles& files);
// TLS 1.2 or newer; a client without a certificate that `client_ca` signed is refused in the
// handshake.
std::shared_ptr<grpc::ServerCredentials> TlsCredentials(const TlsFiles& files);

}  // namespace capmon
