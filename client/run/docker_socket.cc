// SPDX-License-Identifier: Apache-2.0
#include "client/run/docker_socket.h"

#include "absl/strings/str_cat.h"
#include "client/base/environment.h"
#include "client/base/quoted.h"
#include "daemon/model/runtimes.h"

namespace capmon {
namespace {

absl::StatusOr<std::string> PathOf(const std::string& address, const char* source) {
  constexpr char kUnix[] = "unix://";
  const std::string path = address.starts_with(kUnix) ? address.substr(sizeof(kUnix) - 1) : address;
  if (path.find("://") == path.npos) return path;
  return absl::InvalidArgumentError(
      absl::StrCat(source, " is ", Quoted(address),
                   ": capmon starts containers only on this machine, where capmond counts; give a "
                   "Unix socket, like unix:///run/docker.sock"));
}

}  // namespace

absl::StatusOr<std::string> DockerSocket(const std::string& given) {
  if (!given.empty()) return PathOf(given, "--docker-socket");
  if (const std::string host = EnvironmentVariable("DOCKER_HOST"); !host.empty())
    return PathOf(host, "$DOCKER_HOST");
  const std::string context = EnvironmentVariable("DOCKER_CONTEXT");
  if (!context.empty() && context != "default")
    return absl::InvalidArgumentError(
        absl::StrCat("$DOCKER_CONTEXT is ", Quoted(context),
                     ", and capmon reads no contexts: give its socket, which docker context "
                     "inspect prints, with --docker-socket or in $DOCKER_HOST"));
  return SocketsOf(RuntimeApi::kDocker).front();
}

}  // namespace capmon
