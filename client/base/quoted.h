// SPDX-License-Identifier: Apache-2.0
// Foreign words in a sentence of ours.
#pragma once

#include <string>
#include <string_view>

namespace capmon {

// In quotation marks; of a long text the beginning, and how long it is.
std::string Quoted(std::string_view text);

}  // namespace capmon
