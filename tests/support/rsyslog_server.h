// SPDX-License-Identifier: Apache-2.0
// A real rsyslog on loopback: UDP, TCP, and TLS with client certificates.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tests/support/child_process.h"
#include "tests/support/receivers.h"
#include "tests/support/temp_dir.h"

namespace capmon {

// A message of RFC 5424 as the receiver took it apart.
struct SyslogRecord {
  std::string received;  // when, by the receiver's clock: "2026-11-23T12:00:00.123456+00:00"
  std::string priority, host, application, message_id, data, text;
};

class RsyslogServer {
 public:
  explicit RsyslogServer(const Certificates& certificates);  // stopped
  void Start();
  void Stop();
  std::vector<SyslogRecord> Received() const;
  void Forget();  // what it received; it must be stopped

  uint16_t udp() const { return udp_; }
  uint16_t tcp() const { return tcp_; }
  uint16_t tls() const { return tls_; }
  std::string err() const { return process_->err(); }

 private:
  const TempDir directory_;
  const uint16_t udp_ = FreePort(), tcp_ = FreePort(), tls_ = FreePort();
  std::optional<ChildProcess> process_;
};

}  // namespace capmon
