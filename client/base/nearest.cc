// SPDX-License-Identifier: Apache-2.0
#include "client/base/nearest.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace capmon {
namespace {

// Slips of the pen between two words: the distance of Damerau and Levenshtein, without moving a
// letter twice.
size_t Slips(std::string_view a, std::string_view b) {
  std::vector<std::vector<size_t>> slips(a.size() + 1, std::vector<size_t>(b.size() + 1));
  for (size_t i = 0; i <= a.size(); ++i) slips[i][0] = i;
  for (size_t j = 0; j <= b.size(); ++j) slips[0][j] = j;
  for (size_t i = 1; i <= a.size(); ++i)
    for (size_t j = 1; j <= b.size(); ++j) {
      slips[i][j] = std::min({slips[i - 1][j] + 1, slips[i][j - 1] + 1,
                              slips[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        slips[i][j] = std::min(slips[i][j], slips[i - 2][j - 2] + 1);
    }
  return slips[a.size()][b.size()];
}

}  // namespace

std::string Nearest(std::string_view word, const std::vector<std::string>& words) {
  constexpr size_t kLongest = 64;
  if (word.size() > kLongest) return "";
  std::string nearest;
  size_t fewest = std::max<size_t>(word.size() / 3, 1) + 1;
  for (const std::string& other : words) {
    if (other.size() > kLongest) continue;
    const size_t slips = Slips(word, other);
    if (slips >= fewest) continue;
    fewest = slips;
    nearest = other;
  }
  return nearest;
}

std::string NearestHint(std::string_view word, const std::vector<std::string>& words) {
  const std::string near = Nearest(word, words);
  return near.empty() ? "" : absl::StrCat("; the nearest is \"", near, "\"");
}

}  // namespace capmon
