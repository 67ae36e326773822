// SPDX-License-Identifier: Apache-2.0
// OpenTelemetry's logs over gRPC.
#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "daemon/sink/transport.h"
#include "otlp/v1/logs.grpc.pb.h"

namespace capmon {

class OtlpTransport final : public Transport {
 public:
  // INVALID_ARGUMENT for settings that gRPC cannot follow.
  static absl::StatusOr<std::unique_ptr<OtlpTransport>> Make(const OtlpTarget& target,
                                                             AlertFormat format,
                                                             const Sensor& sensor);

  SendResult Send(const std::vector<FeedMessage>& batch, std::stop_token stop) override;
  absl::Status Reopen() override;
  size_t max_batch() const override { return 100; }

 private:
  using Stub = opentelemetry::proto::collector::logs::v1::LogsService::Stub;

  OtlpTransport(const OtlpTarget& target, AlertFormat format, const Sensor& sensor)
      : target_(target), format_(format), sensor_(sensor) {}
  absl::Status Connect();

  const OtlpTarget target_;
  const AlertFormat format_;
  const Sensor sensor_;
  std::atomic<bool> connect_again_ = false;
  std::unique_ptr<Stub> stub_;
};

}  // namespace capmon
