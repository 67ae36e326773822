// SPDX-License-Identifier: Apache-2.0
#include "daemon/api/tls.h"

#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iterator>
#include <utility>

#include "absl/strings/str_cat.h"
#include "grpcpp/security/tls_certificate_provider.h"
#include "grpcpp/security/tls_credentials_options.h"

namespace capmon {
namespace {

using PemFile = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;
using PemCertificate = std::unique_ptr<X509, decltype(&X509_free)>;
using PemKey = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;

absl::Status Unusable(const char* option, const std::string& path, const std::string& why) {
  ERR_clear_error();
  return absl::InvalidArgumentError(absl::StrCat(option, ": capmond cannot use ", path, ": ", why));
}

absl::StatusOr<PemFile> OpenPem(const char* option, const std::string& path) {
  PemFile file(std::fopen(path.c_str(), "re"), &std::fclose);
  if (file == nullptr) return Unusable(option, path, std::strerror(errno));
  return file;
}

absl::StatusOr<PemCertificate> ReadCertificate(const char* option, const std::string& path) {
  auto file = OpenPem(option, path);
  if (!file.ok()) return file.status();
  PemCertificate certificate(PEM_read_X509(file->get(), nullptr, nullptr, nullptr), &X509_free);
  if (certificate == nullptr) return Unusable(option, path, "it has no certificate in PEM form");
  return certificate;
}

// A key with a password is none that capmond can use: it must not ask on a terminal.
int NoPassword(char*, int, int, void*) { return -1; }

absl::StatusOr<PemKey> ReadKey(const char* option, const std::string& path) {
  auto file = OpenPem(option, path);
  if (!file.ok()) return file.status();
  PemKey key(PEM_read_PrivateKey(file->get(), nullptr, &NoPassword, nullptr), &EVP_PKEY_free);
  if (key == nullptr)
    return Unusable(option, path, "it has no private key in PEM form without a password");
  return key;
}

}  // namespace

absl::Status CheckTlsFiles(const TlsFiles& files) {
  const auto certificate = ReadCertificate("--tls-cert", files.certificate);
  if (!certificate.ok()) return certificate.status();
  const auto key = ReadKey("--tls-key", files.key);
  if (!key.ok()) return key.status();
  const auto authority = ReadCertificate("--tls-client-ca", files.client_ca);
  if (!authority.ok()) return authority.status();
  if (X509_check_private_key(certificate->get(), key->get()) != 1)
    return Unusable("--tls-key", files.key,
                    absl::StrCat("it is not the key of ", files.certificate));
  if (X509_cmp_current_time(X509_get0_notAfter(certificate->get())) < 0)
    return Unusable("--tls-cert", files.certificate, "it has expired");
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<TlsInUse>> TlsInUse::Read(const TlsFiles& files) {
  if (absl::Status status = CheckTlsFiles(files); !status.ok()) return status;
  std::unique_ptr<TlsInUse> in_use(new TlsInUse(files));
  in_use->seen_ = in_use->ReadAll();
  if (absl::Status status = in_use->Use(in_use->seen_); !status.ok()) return status;
  return in_use;
}

TlsInUse::Contents TlsInUse::ReadAll() const {
  Contents contents;
  const std::string* const paths[] = {&files_.key, &files_.certificate, &files_.client_ca};
  for (size_t i = 0; i < contents.size(); ++i) {
    std::ifstream file(*paths[i]);
    contents[i].assign(std::istreambuf_iterator<char>(file), {});
  }
  return contents;
}

// A copy keeps its number, so that gRPC finds the new one at the path of the old.
absl::Status TlsInUse::Use(const Contents& contents) {
  std::array<UniqueFd, 3> copies;
  for (size_t i = 0; i < copies.size(); ++i) {
    copies[i] = UniqueFd(::memfd_create("capmond-tls", MFD_CLOEXEC));
    const auto size = static_cast<ssize_t>(contents[i].size());
    if (!copies[i] || ::write(copies[i].get(), contents[i].data(), contents[i].size()) != size)
      return absl::UnavailableError(
          absl::StrCat("cannot keep certificates in memory: ", std::strerror(errno)));
  }
  for (size_t i = 0; i < copies.size(); ++i) {
    if (!copies_[i])
      copies_[i] = std::move(copies[i]);
    else
      (void)::dup3(copies[i].get(), copies_[i].get(), O_CLOEXEC);
  }
  return absl::OkStatus();
}

std::string TlsInUse::PathOf(size_t copy) const {
  return absl::StrCat("/proc/self/fd/", copies_[copy].get());
}

std::string TlsInUse::Refresh() {
  Contents now = ReadAll();
  if (now == seen_) return "";
  seen_ = std::move(now);
  absl::Status status = CheckTlsFiles(files_);
  if (status.ok() && ReadAll() != seen_) return "";  // it is being written: the next time
  if (status.ok()) {
    status = Use(seen_);
    if (!status.ok()) seen_ = {};  // the next time again
  }
  if (status.ok()) return "uses the certificates that changed";
  return absl::StrCat("keeps the certificates it has: ", std::string(status.message()));
}

std::shared_ptr<grpc::ServerCredentials> TlsInUse::Credentials() const {
  using grpc::experimental::FileWatcherCertificateProvider;
  constexpr unsigned kSeconds = 1;
  grpc::experimental::TlsServerCredentialsOptions options(
      std::make_shared<FileWatcherCertificateProvider>(PathOf(0), PathOf(1), PathOf(2), kSeconds));
  options.watch_root_certs();
  options.watch_identity_key_cert_pairs();
  options.set_cert_request_type(GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
  return grpc::experimental::TlsServerCredentials(options);
}

}  // namespace capmon
