// SPDX-License-Identifier: Apache-2.0
// What the tests of sinks share: certificates, ports, alerts, and what a receiver must have got.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "daemon/sink/sink.h"
#include "tests/support/temp_dir.h"

namespace capmon {

// A directory with the certificates of certificates.sh.
class Certificates {
 public:
  Certificates();
  std::string ca() const { return directory_ / "ca.pem"; }
  std::string file(const std::string& name) const { return directory_ / name; }
  // `name`: "client", or "stranger" for one that the server refuses.
  TlsSettings ClientTls(const std::string& name = "client") const;

 private:
  const TempDir directory_;
};

// A port of the loopback address that was free a moment ago.
uint16_t FreePort();
bool Listens(uint16_t port);

std::string TestSource(const std::string& name);  // the path of a file of tests/sinks/

// `count` alerts: those of SampleAlerts(), hostile ones among them, again and again, each with an
// event id of its own.
std::vector<Alert> ManyAlerts(int count);

std::unique_ptr<Sink> OpenSink(const SinkSettings& settings, const std::string& directory = "");

// Puts all alerts and waits until they are delivered.
void Deliver(Sink& sink, const std::vector<Alert>& alerts);

// The lines, in a format, of a feed that begins with number 1.
std::vector<std::string> ExpectedLines(const SinkSettings& settings,
                                       const std::vector<Alert>& alerts);

}  // namespace capmon
