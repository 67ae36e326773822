// SPDX-License-Identifier: Apache-2.0
// JSONPath templates as kubectl has them: "{.a.b[0]}", "{range .list[*]}{.name}{"\n"}{end}". Pure.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace capmon {

struct JsonStep;
using JsonSteps = std::vector<JsonStep>;

// What turns values into others: one part of a path.
struct JsonStep {
  enum class Kind { kLiteral, kField, kEach, kRecursive, kSlice, kUnion, kFilter };

  Kind kind = Kind::kLiteral;
  std::string text;                     // a field's name; of others as written, for messages
  nlohmann::ordered_json literal = {};  // replaces all values
  std::optional<int64_t> from = {}, to = {}, by = {};
  bool one = false;                   // [2], and not [2:3]
  std::vector<JsonSteps> parts = {};  // of a union; the left and right side of a filter
  std::string comparison = {};        // of a filter: "==", ...; "" if the left side has to exist
};

// Text, a path, or a range with what is printed for each of its values.
struct JsonPiece {
  JsonSteps steps;
  bool range = false;
  std::vector<JsonPiece> body = {};
};

using JsonValues = std::vector<const nlohmann::ordered_json*>;

// What the path finds, in the order of the document. INVALID_ARGUMENT where it does not fit the
// document: an index beyond a list, a comparison of a text with a list. The values are part of
// `document` or of `steps`.
absl::StatusOr<JsonValues> Find(const JsonSteps& steps, const nlohmann::ordered_json& document);

// A text as it is, anything else as JSON in one line.
std::string JsonText(const nlohmann::ordered_json& value);

class JsonTemplate {
 public:
  static constexpr size_t kLongest = 16 * 1024;

  // INVALID_ARGUMENT: one clause that says what is wrong, and where.
  static absl::StatusOr<JsonTemplate> Parse(std::string_view text);

  // What a value is printed as has no control characters; the template's own text may.
  absl::StatusOr<std::string> Render(const nlohmann::ordered_json& document) const;

 private:
  explicit JsonTemplate(std::vector<JsonPiece> pieces) : pieces_(std::move(pieces)) {}

  std::vector<JsonPiece> pieces_;
};

// One path, also without braces or the dot at its beginning: ".a.b", "a.b", "{.a.b}".
absl::StatusOr<JsonSteps> ParseRelaxedPath(std::string_view text);

}  // namespace capmon
