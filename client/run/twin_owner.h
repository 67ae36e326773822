// SPDX-License-Identifier: Apache-2.0
// Twins know the process that made them, so that what a killed capmon left behind can be removed.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "client/run/docker_engine.h"

namespace capmon {

// "1234-5678-4026531836": this process, its start in ticks since boot, and the namespace of its
// number. "" if /proc cannot be read.
std::string OwnerOfTwins();
// Returns true only for an owner that would be seen here if it ran.
bool HasEnded(const std::string& owner);

// Removes the twins of this process, and those of processes that have ended, but never `original`;
// then their volumes.
// Tries for a while if the engine does not answer.
absl::Status RemoveTwins(const DockerEngine& engine, const std::string& original);

}  // namespace capmon
