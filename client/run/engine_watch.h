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

  // Returns true if the connection is closed, or never was open. False for an engine that rejects
  // the request, and may then close it.
  bool Ended();

 private:
  UniqueFd connection_;
  bool answered_ = false;
  bool rejected_ = false;
};

}  // namespace capmon
