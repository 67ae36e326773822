// SPDX-License-Identifier: Apache-2.0
#include "client/rpc/daemon.h"

#include <grp.h>
#include <grpc/support/log.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client/rpc/client_tls.h"
#include "common/address.h"
#include "common/tcp_address.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/security/credentials.h"

namespace capmon {
namespace {

constexpr int kMaxAnswerBytes = 64 * 1024 * 1024;

// Returns the group that may use the socket, as far as this user may see it; "" if only root may.
std::string AdmittedGroup(std::filesystem::path path) {
  struct stat found = {};
  while (::stat(path.c_str(), &found) != 0) {
    if (path == path.root_path()) return "";
    path = path.parent_path();
  }
  const group* const entry = found.st_gid == 0 ? nullptr : ::getgrgid(found.st_gid);
  return entry == nullptr ? "" : entry->gr_name;
}

absl::Status CannotConnect(const std::string& path, int error) {
  if (error == EACCES || error == EPERM) {
    const std::string group = AdmittedGroup(path);
    const std::string join =
        group.empty() ? "" : absl::StrCat("ask for membership of the group ", group, ", or ");
    return absl::PermissionDeniedError(
        absl::StrCat("not permitted to use capmond at ", path, "; ", join, "run this as root"));
  }
  if (error == ENOENT || error == ENOTDIR || error == ECONNREFUSED)
    return absl::UnavailableError(absl::StrCat("capmond is not running at ", path,
                                               "; start it, or give its socket with --address"));
  return absl::UnavailableError(
      absl::StrCat("cannot connect to capmond at ", path, ": ", std::strerror(error)));
}

// Beside a flood of requests capmond may have no thread left for a moment, until it has ended those
// of the flood: such a request was not begun.
constexpr char kRetries[] = R"({"methodConfig": [{
  "name": [{"service": "capmon.v1.Capmon"}],
  "retryPolicy": {"maxAttempts": 5, "initialBackoff": "0.2s", "maxBackoff": "1s",
                  "backoffMultiplier": 2, "retryableStatusCodes": ["RESOURCE_EXHAUSTED"]}}]})";

grpc::ChannelArguments ChannelOptions() {
  grpc::ChannelArguments arguments;
  arguments.SetServiceConfigJSON(kRetries);
  arguments.SetMaxReceiveMessageSize(kMaxAnswerBytes);
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  return arguments;
}

absl::StatusOr<ClientTls>& OwnFiles() {
  static absl::StatusOr<ClientTls> files = ClientTls();
  return files;
}

absl::StatusOr<std::string> ReadPem(const char* option, const std::string& path,
                                    const std::string& address) {
  if (path.empty())
    return absl::InvalidArgumentError(
        absl::StrCat("cannot connect to ", address, " without TLS: ", option,
                     " is missing; give --tls-ca, --tls-cert and --tls-key"));
  std::ifstream file(path, std::ios::binary);
  std::string text(std::istreambuf_iterator<char>(file), {});
  if (!file.is_open() || text.empty())
    return absl::InvalidArgumentError(
        absl::StrCat(option, ": cannot read ", path, "; name a file in PEM form"));
  return text;
}

// The channel connects with the first request.
absl::StatusOr<std::shared_ptr<grpc::Channel>> ChannelByTls(const std::string& address) {
  if (const auto parsed = ParseTcpAddress(address); !parsed.ok()) return parsed.status();
  const auto ca = ReadPem("--tls-ca", OwnFiles()->ca, address);
  if (!ca.ok()) return ca.status();
  const auto certificate = ReadPem("--tls-cert", OwnFiles()->certificate, address);
  if (!certificate.ok()) return certificate.status();
  const auto key = ReadPem("--tls-key", OwnFiles()->key, address);
  if (!key.ok()) return key.status();
  grpc::SslCredentialsOptions options;
  options.pem_root_certs = *ca;
  options.pem_cert_chain = *certificate;
  options.pem_private_key = *key;
  return grpc::CreateCustomChannel(address, grpc::SslCredentials(options), ChannelOptions());
}

}  // namespace

void UseClientTls(absl::StatusOr<ClientTls> files) { OwnFiles() = std::move(files); }

absl::StatusOr<Daemon> Daemon::Connect(const std::string& address) {
  gpr_set_log_function([](gpr_log_func_args*) {});  // Failure() reports errors
  if (!OwnFiles().ok()) return OwnFiles().status();
  if (LooksLikeTcp(address)) {
    const auto channel = ChannelByTls(address);
    if (!channel.ok()) return channel.status();
    return Daemon(address, v1::Capmon::NewStub(*channel));
  }
  const auto path = SocketPath(address);
  if (!path.ok()) return path.status();
  if (const int error = ConnectErrno(*path); error != 0) return CannotConnect(*path, error);
  const auto channel = grpc::CreateCustomChannel(
      GrpcTarget(*path), grpc::InsecureChannelCredentials(), ChannelOptions());
  return Daemon(*path, v1::Capmon::NewStub(channel));
}

absl::Status Daemon::Failure(const grpc::Status& status, std::chrono::milliseconds patience) const {
  const std::string& message = status.error_message();
  switch (status.error_code()) {
    case grpc::StatusCode::NOT_FOUND:
      return absl::NotFoundError(
          message.ends_with("?") ? message
                                 : absl::StrCat(message, "; ", listed_by_, " shows all there are"));
    case grpc::StatusCode::FAILED_PRECONDITION:
      return absl::FailedPreconditionError(absl::StrCat(message, "; give one of them"));
    case grpc::StatusCode::INVALID_ARGUMENT: return absl::InvalidArgumentError(message);
    case grpc::StatusCode::PERMISSION_DENIED: return absl::PermissionDeniedError(message);
    case grpc::StatusCode::ABORTED: return absl::UnavailableError(message);
    case grpc::StatusCode::DEADLINE_EXCEEDED:
      return absl::UnavailableError(absl::StrCat("capmond at ", path_, " did not answer within ",
                                                 patience / std::chrono::seconds(1),
                                                 " s; see its log"));
    case grpc::StatusCode::UNAVAILABLE:
    case grpc::StatusCode::CANCELLED:
      if (LooksLikeTcp(path_))
        return absl::UnavailableError(
            absl::StrCat("cannot use capmond at ", path_, ": ", message,
                         "; check that it listens there, and the certificates of both sides"));
      return absl::UnavailableError(
          ConnectErrno(path_) == 0
              ? absl::StrCat("capmond at ", path_,
                             " ended the connection: it was stopped and started, or has too many "
                             "open, or another program listens there; try again")
              : absl::StrCat("capmond at ", path_,
                             " stopped; start it, or give its socket with --address"));
    case grpc::StatusCode::UNIMPLEMENTED:
      return absl::UnavailableError(absl::StrCat("the program that listens at ", path_,
                                                 " does not know this request; update capmond"));
    default:
      return absl::UnavailableError(
          absl::StrCat("capmond at ", path_, " could not answer: ", message));
  }
}

}  // namespace capmon
