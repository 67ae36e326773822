// SPDX-License-Identifier: Apache-2.0
// Which user a container starts as, in its own user namespace.
#pragma once

#include <cstdint>
#include <optional>

#include "daemon/profile/profile.h"

namespace capmon {

// By the user namespace's map where it was read. Without, a number of the host's says nothing:
// 100000 may be user 0 inside. But there, too, an exec leaves only user 0 with effective
// capabilities that are not ambient. Nothing: not known.
std::optional<uint32_t> InsideUser(const Profile& profile);

}  // namespace capmon
