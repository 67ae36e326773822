// SPDX-License-Identifier: Apache-2.0
// A client of HTTP that sends what it is told, on a TCP or Unix socket.
#pragma once

#include <string>

#include "common/listen_address.h"
#include "daemon/base/unique_fd.h"

namespace capmon {

// Connects; without a descriptor on an error.
UniqueFd ConnectTo(const ListenAddress& address);
// Returns false if the other end has closed.
bool SendText(const UniqueFd& fd, const std::string& text);
// Reads until the other end closes.
std::string ReadAll(const UniqueFd& fd);
// Sends the bytes and reads the answer. "" if there is none.
std::string Exchange(const ListenAddress& address, const std::string& request);
// GET: the whole answer, with its headers.
std::string HttpGet(const ListenAddress& address, const std::string& path);

}  // namespace capmon
