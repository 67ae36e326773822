// SPDX-License-Identifier: Apache-2.0
#include "daemon/model/runtimes.h"

namespace capmon {

std::vector<std::string> SocketsOf(RuntimeApi api) {
  std::vector<std::string> paths;
  for (const RuntimeSocket& socket : kRuntimeSockets)
    if (socket.api == api) paths.emplace_back(socket.path);
  return paths;
}

}  // namespace capmon
