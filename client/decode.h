// SPDX-License-Identifier: Apache-2.0
// Capability masks as /proc/PID/status shows them. Needs no daemon.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "client/settings.h"
#include "daemon/model/capability.h"

namespace capmon {

// Hexadecimal, with or without 0x, 64 bits at most.
absl::StatusOr<CapabilitySet> ParseMask(const std::string& text);
// "0x00000000a80425fb=CAP_CHOWN,CAP_DAC_OVERRIDE", or JSON.
std::string Decoded(CapabilitySet set, Format format);

}  // namespace capmon
