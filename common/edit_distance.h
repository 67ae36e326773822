// SPDX-License-Identifier: Apache-2.0
// How alike two words are, to suggest the one that was meant.
#pragma once

#include <cstddef>
#include <string_view>

namespace capmon {

// Returns the least number of bytes to insert, remove or replace. Takes |a| * |b| steps, so the
// caller bounds the lengths.
size_t EditDistance(std::string_view a, std::string_view b);

}  // namespace capmon
