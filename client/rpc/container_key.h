// SPDX-License-Identifier: Apache-2.0
// A reference to exactly one container of a list.
#pragma once

#include <string>

#include "capmon/v1/capmon.pb.h"

namespace capmon {

// Returns a reference that matches no other container: names may not be unique, the path of a
// running container is.
std::string ReferenceTo(const v1::Container& container);

}  // namespace capmon
