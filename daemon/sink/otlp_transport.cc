// SPDX-License-Identifier: Apache-2.0
#include "daemon/sink/otlp_transport.h"

#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "daemon/base/regular_file.h"
#include "daemon/sink/otlp_request.h"
#include "daemon/sink/secret.h"

namespace capmon {
namespace {

constexpr size_t kMaxPem = 1 << 20;

absl::StatusOr<std::string> Pem(const std::string& path) {
  if (path.empty()) return "";
  auto text = ReadRegularFile(path, kMaxPem);
  if (!text.ok()) return absl::FailedPreconditionError(text.status().message());
  return text;
}

absl::StatusOr<std::shared_ptr<grpc::ChannelCredentials>> Credentials(const TlsSettings& tls) {
  if (!tls.enabled) return grpc::InsecureChannelCredentials();
  const auto roots = Pem(tls.ca_file);
  if (!roots.ok()) return roots.status();
  const auto certificate = Pem(tls.certificate_file);
  if (!certificate.ok()) return certificate.status();
  const auto key = Pem(tls.key_file);
  if (!key.ok()) return key.status();
  grpc::SslCredentialsOptions options;
  options.pem_root_certs = *roots;
  options.pem_cert_chain = *certificate;
  options.pem_private_key = *key;
  return grpc::SslCredentials(options);
}

// What the protocol calls retryable, and what only a person can fix. The rest is refused for good.
absl::StatusCode CodeOf(const grpc::Status& status) {
  switch (status.error_code()) {
    case grpc::StatusCode::UNAUTHENTICATED: return absl::StatusCode::kUnauthenticated;
    case grpc::StatusCode::PERMISSION_DENIED: return absl::StatusCode::kPermissionDenied;
    case grpc::StatusCode::UNIMPLEMENTED:
    case grpc::StatusCode::NOT_FOUND: return absl::StatusCode::kFailedPrecondition;
    case grpc::StatusCode::INVALID_ARGUMENT:
    case grpc::StatusCode::ALREADY_EXISTS:
    case grpc::StatusCode::FAILED_PRECONDITION: return absl::StatusCode::kInvalidArgument;
    default: return absl::StatusCode::kUnavailable;
  }
}

}  // namespace

absl::StatusOr<std::unique_ptr<OtlpTransport>> OtlpTransport::Make(const OtlpTarget& target,
                                                                   AlertFormat format,
                                                                   const Sensor& sensor) {
  if (target.tls.enabled && !target.tls.verify)
    return absl::InvalidArgumentError(
        "OTLP over TLS always verifies the receiver; set ca_file to the certificate it has");
  return std::unique_ptr<OtlpTransport>(new OtlpTransport(target, format, sensor));
}

absl::Status OtlpTransport::Reopen() {
  connect_again_ = true;
  return absl::OkStatus();
}

absl::Status OtlpTransport::Connect() {
  if (connect_again_.exchange(false)) stub_.reset();
  if (stub_) return absl::OkStatus();
  const auto credentials = Credentials(target_.tls);
  if (!credentials.ok()) return credentials.status();
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 5000);  // the sink has a back-off of its own
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  if (!target_.tls.server_name.empty()) arguments.SetSslTargetNameOverride(target_.tls.server_name);
  stub_ =
      std::make_unique<Stub>(grpc::CreateCustomChannel(target_.endpoint, *credentials, arguments));
  return absl::OkStatus();
}

SendResult OtlpTransport::Send(const std::vector<FeedMessage>& batch, std::stop_token stop) {
  SendResult result;
  result.status = Connect();
  const auto token = ReadSecret(target_.token);
  if (result.status.ok()) result.status = token.status();
  if (!result.status.ok()) return result;

  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + target_.timeout);
  for (const auto& [name, value] : target_.headers)
    context.AddMetadata(absl::AsciiStrToLower(name), value);
  if (!token->empty()) context.AddMetadata("authorization", absl::StrCat("Bearer ", *token));
  const std::stop_callback cancel(stop, [&context] { context.TryCancel(); });
  otlp::ExportLogsServiceResponse answer;
  const grpc::Status status =
      stub_->Export(&context, OtlpRequest(format_, sensor_, batch), &answer);

  if (status.ok()) {
    result.settled = batch.size();
    const auto& partial = answer.partial_success();
    result.refused_unnamed = std::min<uint64_t>(
        batch.size(), static_cast<uint64_t>(std::max<int64_t>(0, partial.rejected_log_records())));
    result.unnamed_reason = partial.error_message();
    return result;
  }
  const std::string reason =
      absl::StrCat("send to ", target_.endpoint, ": ", status.error_message());
  if (CodeOf(status) != absl::StatusCode::kInvalidArgument) {
    result.status = absl::Status(CodeOf(status), reason);
    return result;
  }
  if (batch.size() == 1) {
    result.settled = 1;
    result.refused.emplace_back(0, reason);
    return result;
  }
  for (const FeedMessage& message : batch) {  // finds the one that is refused
    const SendResult one = Send({message}, stop);
    if (!one.refused.empty()) result.refused.emplace_back(result.settled, one.refused[0].second);
    result.refused_unnamed += one.refused_unnamed;
    result.settled += one.settled;
    result.status = one.status;
    if (one.settled == 0) break;
  }
  return result;
}

}  // namespace capmon
