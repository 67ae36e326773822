// SPDX-License-Identifier: Apache-2.0
// Names of this machine, and whether it has a network.
#pragma once

#include <string>

namespace capmon {

std::string HostName();
// The name that was configured, else the host's.
std::string NodeName(const std::string& configured);
// /etc/machine-id; "" if there is none.
std::string MachineId();
// False in a network namespace of its own, or where a service may not open sockets.
bool HasNetwork();

}  // namespace capmon
