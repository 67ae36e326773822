// SPDX-License-Identifier: Apache-2.0
// A connection that carries bytes one way, over TCP or TLS, through libcurl.
#pragma once

#include <chrono>
#include <memory>
#include <stop_token>
#include <string>

#include "absl/status/statusor.h"
#include "daemon/sink/curl_handle.h"

namespace capmon {

class StreamConnection {
 public:
  // `tls` null: plain TCP.
  static absl::StatusOr<std::unique_ptr<StreamConnection>> Open(const std::string& host,
                                                                uint16_t port,
                                                                const TlsSettings* tls,
                                                                std::stop_token stop);
  // Writes all of it. After an error the connection is of no more use.
  absl::Status Write(const std::string& bytes, std::stop_token stop);
  // Waits until the other machine has acknowledged all bytes: they are in its kernel.
  absl::Status AwaitReceipt(std::stop_token stop);
  // Not OK if the other side closed the connection or sent an alert of TLS. What it sends is
  // ignored.
  absl::Status CheckOpen();

  static constexpr std::chrono::milliseconds kPatience{10'000};

 private:
  StreamConnection(CurlHandle curl, std::string name)
      : curl_(std::move(curl)), name_(std::move(name)) {}
  absl::Status Connect(const std::string& url, std::stop_token stop);
  void AwaitVerdict();

  CurlHandle curl_;
  const std::string name_;  // "tls://siem:6514"
  curl_socket_t socket_ = CURL_SOCKET_BAD;
};

}  // namespace capmon
