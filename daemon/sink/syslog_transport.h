// SPDX-License-Identifier: Apache-2.0
// Syslog of RFC 5424 over UDP, TCP or TLS (RFC 5425), with octet counting on streams. The protocol
// acknowledges nothing: settled is what the receiver's kernel acknowledged, or, over UDP, what was
// sent.
#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "daemon/base/unique_fd.h"
#include "daemon/sink/sink_settings.h"
#include "daemon/sink/stream_connection.h"
#include "daemon/sink/transport.h"

namespace capmon {

class SyslogTransport final : public Transport {
 public:
  SyslogTransport(const SyslogTarget& target, AlertFormat format, const Sensor& sensor);

  SendResult Send(const std::vector<FeedMessage>& batch, std::stop_token stop) override;
  absl::Status Reopen() override;
  size_t max_batch() const override { return 128; }
  bool acknowledges() const override { return false; }

 private:
  std::string Message(const FeedMessage& message) const;
  absl::Status SendStream(const std::vector<FeedMessage>& batch, std::stop_token stop);
  absl::Status SendOver(StreamConnection& connection, const std::vector<FeedMessage>& batch,
                        std::stop_token stop) const;
  SendResult SendDatagrams(const std::vector<FeedMessage>& batch);
  absl::Status OpenDatagrams();

  const SyslogTarget target_;
  const AlertFormat format_;
  const Sensor sensor_;
  std::atomic<bool> connect_again_ = false;
  std::unique_ptr<StreamConnection> connection_;
  UniqueFd datagrams_;
};

}  // namespace capmon
