// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "daemon/model/kernel_event.h"

namespace capmon {

// RFC 3339 in UTC with microseconds, the most that RFC 5424 allows: "2026-11-28T18:00:00.000001Z".
std::string Timestamp(TimeNs time);

}  // namespace capmon
