// SPDX-License-Identifier: Apache-2.0
// "Did you mean": the word of a list that is most like another one.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace capmon {

// Returns the word that is typed instead of `word` by the fewest slips: a letter more, less, wrong,
// or two exchanged. "" if none is near.
std::string Nearest(std::string_view word, const std::vector<std::string>& words);
// "; the nearest is "list"", or "".
std::string NearestHint(std::string_view word, const std::vector<std::string>& words);

}  // namespace capmon
