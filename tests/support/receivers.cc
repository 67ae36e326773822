// SPDX-License-Identifier: Apache-2.0
#include "tests/support/receivers.h"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "absl/strings/str_format.h"
#include "daemon/base/unique_fd.h"
#include "generated/build_paths.h"
#include "tests/support/child_process.h"

namespace capmon {
namespace {

sockaddr_in Loopback(uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

}  // namespace

Certificates::Certificates() {
  const Outcome made =
      RunProgram({CAPMON_SOURCE_DIR "/tests/support/certificates.sh", directory_.path()});
  EXPECT_EQ(made.exit_code, 0) << made.err;
}

TlsSettings Certificates::ClientTls(const std::string& name) const {
  TlsSettings tls;
  tls.enabled = true;
  tls.ca_file = ca();
  tls.certificate_file = file(name + ".pem");
  tls.key_file = file(name + ".key");
  return tls;
}

uint16_t FreePort() {
  const UniqueFd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address = Loopback(0);
  socklen_t size = sizeof(address);
  EXPECT_EQ(::bind(fd.get(), reinterpret_cast<sockaddr*>(&address), size), 0);
  EXPECT_EQ(::getsockname(fd.get(), reinterpret_cast<sockaddr*>(&address), &size), 0);
  return ntohs(address.sin_port);
}

bool Listens(uint16_t port) {
  // Does not connect: a server of TLS reports that as an error.
  const std::string entry = absl::StrFormat(":%04X 00000000:0000 0A ", port);
  return ReadFile("/proc/net/tcp").find(entry) != std::string::npos ||
         ReadFile("/proc/net/tcp6")
                 .find(absl::StrFormat(":%04X %s:0000 0A ", port, std::string(32, '0'))) !=
             std::string::npos;
}

}  // namespace capmon
