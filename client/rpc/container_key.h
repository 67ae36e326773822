// SPDX-License-Identifier: Apache-2.0
// How to ask for exactly the container that a list has named.
#pragma once

#include <string>

#include "capmon/v1/capmon.pb.h"

namespace capmon {

// A reference that fits no other: names may not be unique, and a running container's path is.
std::string ReferenceTo(const v1::Container& container);

}  // namespace capmon
