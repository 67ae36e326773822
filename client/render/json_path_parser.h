// SPDX-License-Identifier: Apache-2.0
// Reads the text of JSONPath templates; see json_path.h.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "client/render/json_path.h"

namespace capmon {

// Reads what is between braces. Recursion is bounded: a filter holds no filter, a union no union.
class JsonPathParser {
 public:
  explicit JsonPathParser(std::string_view text) : text_(text) {}

  // Reads until the closing brace, which it takes, or of `whole` the end of the text.
  absl::Status ReadSteps(bool whole, JsonSteps& steps);
  // Reads "range" or "end" at the beginning of an action; "" if there is another one.
  std::string TakeKeyword();

  bool AtEnd() const { return at_ >= text_.size(); }
  // The text up to the next opening brace, which it takes.
  std::string_view TakeText();

 private:
  absl::Status ReadStep(JsonSteps& steps);
  absl::Status ReadField(JsonSteps& steps);
  absl::Status ReadRecursive(JsonSteps& steps);
  absl::Status ReadBrackets(JsonSteps& steps);
  absl::Status ReadFilter(JsonSteps& steps);
  absl::Status ReadQuoted(JsonSteps& steps);
  absl::Status ReadNumber(JsonSteps& steps);
  absl::Status ReadWord(JsonSteps& steps);
  // Returns the position of the first of `ends` that is not in quotes; npos if there is none.
  size_t FindOutsideQuotes(size_t from, std::string_view ends) const;

  std::string_view text_;
  size_t at_ = 0;
};

// Reads all pieces up to the end, or of `in_range` up to {end}.
absl::Status ReadPieces(JsonPathParser& parser, int depth, std::vector<JsonPiece>& pieces);

}  // namespace capmon
