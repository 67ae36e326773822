// SPDX-License-Identifier: Apache-2.0
// Connections of clients that do not behave: to the Unix socket as another user, by TCP from
// another address, with TLS or without. HTTP/2 by hand, so that nothing has to be read.
#pragma once

#include <openssl/ssl.h>
#include <sys/types.h>

#include <memory>
#include <string>

#include "daemon/base/unique_fd.h"

namespace capmon {

inline constexpr uid_t kMallory = 65501;

class HostileClient {
 public:
  // Neither waits for capmond.
  static HostileClient ByUnix(const std::string& socket);
  static HostileClient ByTcp(int port);
  // With the certificate of mallory in the directory. Without TLS if capmond ends the handshake.
  static HostileClient ByTls(int port, const std::string& certificates);

  explicit operator bool() const { return static_cast<bool>(socket_); }
  // As much as there is room for.
  void Send(const std::string& bytes) const;

 private:
  explicit HostileClient(UniqueFd socket) : socket_(std::move(socket)) {}

  UniqueFd socket_;
  std::shared_ptr<SSL> tls_;  // null: none
};

// What each client of HTTP/2 begins with.
std::string Preface();
// A frame of HTTP/2.
std::string Frame(char type, char flags, uint32_t stream, const std::string& payload);
// A call without arguments: "ListContainers".
std::string Request(const std::string& method, uint32_t stream);
// The first message of a TLS handshake.
std::string ClientHello();

}  // namespace capmon
