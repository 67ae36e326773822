// SPDX-License-Identifier: Apache-2.0
// Notices that an engine has ended, and perhaps been started again, meanwhile.
#pragma once

#include <string>

#include "daemon/base/unique_fd.h"

namespace capmon {

class EngineWatch {
 public:
  // Opens a connection, which the engine's end closes.
  explicit EngineWatch(const std::string& socket);

  // Returns true if the connection is closed, or never was open.
  bool Ended() const;

 private:
  UniqueFd connection_;
};

}  // namespace capmon
