// SPDX-License-Identifier: Apache-2.0
// How two profiles of one container become one. Pure.
#pragma once

#include "daemon/profile/profile.h"

namespace capmon {

// Adds the evidence of `from`, which turned out to be of the same container.
void Merge(Profile& into, const Profile& from);

}  // namespace capmon
