// SPDX-License-Identifier: Apache-2.0
// The table of `capmon status`.
#pragma once

#include <cstdint>
#include <ostream>

#include "capmon/v1/capmon.pb.h"

namespace capmon {

void RenderStatus(std::ostream& out, const v1::Status& status);

// False only for a health that starting capmond again may improve: its own check was not counted
// for a minute before `now` (seconds since 1970), as when its event loop hangs. Otherwise a restart
// would change nothing, or lose evidence that cannot be stored.
bool IsAlive(const v1::Health& health, int64_t now);

}  // namespace capmon
