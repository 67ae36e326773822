// SPDX-License-Identifier: Apache-2.0
// POST to a receiver over HTTP, through libcurl.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "daemon/sink/curl_handle.h"
#include "daemon/sink/sink_settings.h"
#include "daemon/sink/transport.h"

namespace capmon {

class HttpTransport final : public Transport {
 public:
  // INVALID_ARGUMENT for a URL or a header that cannot be used.
  static absl::StatusOr<std::unique_ptr<HttpTransport>> Make(const HttpTarget& target,
                                                             AlertFormat format,
                                                             const Sensor& sensor);

  SendResult Send(const std::vector<FeedMessage>& batch, std::stop_token stop) override;
  absl::Status Reopen() override;
  size_t max_batch() const override { return 100; }

 private:
  struct Place {
    std::string url;
    std::string acknowledgements;  // Splunk's URL for them
    std::string host;              // of the connection
    std::string host_header;       // "" that of the URL
    uint16_t port = 0;
  };
  struct Answer {
    long code = 0;
    std::string body;
    std::optional<std::chrono::milliseconds> retry_after;
  };

  HttpTransport(const HttpTarget& target, AlertFormat format, const Sensor& sensor);
  absl::Status FindPlace();
  SendResult SendRequest(std::span<const FeedMessage> messages, std::stop_token stop);
  SendResult SendGroup(std::span<const FeedMessage> messages, std::stop_token stop);
  absl::Status Connect();
  absl::StatusOr<Answer> Post(const std::string& url, const std::string& body,
                              const std::string& content_type, std::stop_token stop);
  absl::Status AwaitIndexing(const std::string& answer, std::stop_token stop);
  absl::StatusOr<std::string> Authorization() const;

  const HttpTarget target_;
  const AlertFormat format_;
  const Sensor sensor_;
  const std::string channel_;  // Splunk's word for one sender
  Place place_;
  std::atomic<bool> connect_again_ = false;
  std::optional<CurlHandle> curl_;
};

}  // namespace capmon
