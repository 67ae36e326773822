// SPDX-License-Identifier: Apache-2.0
#include "daemon/api/tls.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

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

std::shared_ptr<grpc::ServerCredentials> TlsCredentials(const TlsFiles& files) {
  using grpc::experimental::FileWatcherCertificateProvider;
  grpc::experimental::TlsServerCredentialsOptions options(
      std::make_shared<FileWatcherCertificateProvider>(files.key, files.certificate,
                                                       files.client_ca, files.refresh_seconds));
  options.watch_root_certs();
  options.watch_identity_key_cert_pairs();
  options.set_cert_request_type(GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
  return grpc::experimental::TlsServerCredentials(options);
}

}  // namespace capmon
