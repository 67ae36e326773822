// SPDX-License-Identifier: Apache-2.0
// The command that restarts a container, or the workload that it is an instance of. Pure.
#pragma once

#include <string>

#include "capmon/v1/capmon.pb.h"

namespace capmon {

struct RestartCommand {
  std::string command;  // for a shell, every name quoted where it has to be
  std::string instead;  // without a command: what to do, a clause
};

// `running`: an instance that runs.
RestartCommand HowToRestart(const v1::Container& running);

}  // namespace capmon
