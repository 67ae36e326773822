// SPDX-License-Identifier: Apache-2.0
// TLS for the API: certificates of both sides, read again when their files change.
#pragma once

#include <array>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "daemon/base/unique_fd.h"
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

// Copies in memory of the last files that were right: a wrong or half-written file ends no TLS.
// gRPC reads the copies, and would otherwise serve nobody until the files are mended.
class TlsInUse {
 public:
  static absl::StatusOr<std::unique_ptr<TlsInUse>> Read(const TlsFiles& files);

  // TLS 1.2 or newer; a client without a certificate that `client_ca` signed is refused in the
  // handshake.
  std::shared_ptr<grpc::ServerCredentials> Credentials() const;
  // Reads the files again, and uses them if they changed and are right. Returns what happened, as a
  // line for the log; "" if nothing changed since the last call.
  std::string Refresh();
  unsigned refresh_seconds() const { return files_.refresh_seconds; }

 private:
  using Contents = std::array<std::string, 3>;  // key, certificate, authority

  explicit TlsInUse(TlsFiles files) : files_(std::move(files)) {}
  Contents ReadAll() const;
  absl::Status Use(const Contents& contents);
  std::string PathOf(size_t copy) const;

  const TlsFiles files_;
  Contents seen_;
  std::array<UniqueFd, 3> copies_;
};

}  // namespace capmon
