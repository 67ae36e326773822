// SPDX-License-Identifier: Apache-2.0
// Quotes input in a sentence.
#pragma once

#include <string>
#include <string_view>

namespace capmon {

// Returns the text in quotation marks; a long text is cut, and its length added.
std::string Quoted(std::string_view text);

}  // namespace capmon
