// SPDX-License-Identifier: Apache-2.0
#include "tests/support/http_client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <array>

namespace capmon {

UniqueFd ConnectTo(const ListenAddress& address) {
  sockaddr_storage storage = {};
  socklen_t size = 0;
  if (address.is_unix()) {
    auto* const name = reinterpret_cast<sockaddr_un*>(&storage);
    name->sun_family = AF_UNIX;
    std::copy(address.path.begin(), address.path.end(), name->sun_path);
    size = sizeof(*name);
  } else {
    auto* const name = reinterpret_cast<sockaddr_in*>(&storage);
    name->sin_family = AF_INET;
    name->sin_port = htons(address.port);
    ::inet_pton(AF_INET, address.host.c_str(), &name->sin_addr);
    size = sizeof(*name);
  }
  UniqueFd fd(::socket(storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (fd && ::connect(fd.get(), reinterpret_cast<sockaddr*>(&storage), size) != 0) fd.Reset();
  return fd;
}

bool SendText(const UniqueFd& fd, const std::string& text) {
  return ::send(fd.get(), text.data(), text.size(), MSG_NOSIGNAL) ==
         static_cast<ssize_t>(text.size());
}

std::string ReadAll(const UniqueFd& fd) {
  std::string all;
  std::array<char, 4096> buffer;
  ssize_t got = 0;
  while ((got = ::recv(fd.get(), buffer.data(), buffer.size(), 0)) > 0)
    all.append(buffer.data(), static_cast<size_t>(got));
  return all;
}

std::string Exchange(const ListenAddress& address, const std::string& request) {
  const UniqueFd fd = ConnectTo(address);
  if (!fd) return "";
  (void)SendText(fd, request);
  return ReadAll(fd);
}

std::string HttpGet(const ListenAddress& address, const std::string& path) {
  return Exchange(address, "GET " + path + " HTTP/1.0\r\nHost: x\r\n\r\n");
}

}  // namespace capmon
