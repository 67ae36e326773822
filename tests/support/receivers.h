// SPDX-License-Identifier: Apache-2.0
// What receivers of alerts on loopback need: certificates and ports.
#pragma once

#include <cstdint>
#include <string>

#include "daemon/sink/sink_settings.h"
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

}  // namespace capmon
