// SPDX-License-Identifier: Apache-2.0
#include "client/render/json_path.h"

#include <algorithm>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "client/base/quoted.h"
#include "client/base/text.h"

namespace capmon {
namespace {

using nlohmann::ordered_json;
using StepKind = JsonStep::Kind;

constexpr size_t kMostValues = 1'000'000;

absl::StatusOr<JsonValues> Apply(const JsonSteps& steps, JsonValues values);

void AddChildren(const ordered_json& value, JsonValues& into) {
  if (!value.is_structured()) return;
  for (const ordered_json& child : value) into.push_back(&child);
}

// The value and all within it that have something within them; parents first.
void AddAll(const ordered_json& value, JsonValues& into) {
  if (!value.is_structured() || value.empty()) return;
  into.push_back(&value);
  for (const ordered_json& child : value) AddAll(child, into);
}

absl::Status BeyondList(const JsonStep& step, size_t size) {
  return absl::InvalidArgumentError(
      absl::StrCat(Quoted(step.text), " is beyond the end of a list of ", size));
}

absl::Status TooMany() {
  return absl::InvalidArgumentError(
      absl::StrCat("a path finds more than ", kMostValues, " values; write a narrower one"));
}

absl::Status AddSlice(const JsonStep& step, const ordered_json& list, JsonValues& into) {
  if (list.is_null()) return absl::OkStatus();
  if (!list.is_array())
    return absl::InvalidArgumentError(
        absl::StrCat(Quoted(step.text), " needs a list, and the value there is none"));
  const auto size = static_cast<int64_t>(list.size());
  int64_t from = step.from.value_or(0);
  if (from < 0) from += size;
  if (step.one && from >= size) return BeyondList(step, list.size());
  int64_t to = step.one ? from + 1 : step.to.value_or(size);
  if (to < 0) to += size;
  if (from == to) return absl::OkStatus();
  if (from < 0 || from >= size || to < 0 || to > size) return BeyondList(step, list.size());
  if (from > to)
    return absl::InvalidArgumentError(absl::StrCat(Quoted(step.text), " ends before it begins"));
  const int64_t by = std::min(step.by.value_or(1), size);
  for (int64_t i = from; i < to; i += by) into.push_back(&list[static_cast<size_t>(i)]);
  return absl::OkStatus();
}

// Also of a text that is a number: 64-bit numbers of the API are texts in JSON.
std::optional<double> NumberOf(const ordered_json& value) {
  if (value.is_number()) return value.get<double>();
  double number = 0;
  if (value.is_string() && absl::SimpleAtod(value.get_ref<const std::string&>(), &number))
    return number;
  return std::nullopt;
}

template <typename Value>
bool IsTrue(const std::string& comparison, const Value& a, const Value& b) {
  if (comparison == "==") return a == b;
  if (comparison == "!=") return a != b;
  if (comparison == "<") return a < b;
  if (comparison == ">") return b < a;
  return comparison == "<=" ? !(b < a) : !(a < b);
}

absl::StatusOr<bool> Compare(const JsonStep& filter, const ordered_json& left,
                             const ordered_json& right) {
  if (left.is_string() && right.is_string())
    return IsTrue(filter.comparison, left.get_ref<const std::string&>(),
                  right.get_ref<const std::string&>());
  const bool equality = filter.comparison == "==" || filter.comparison == "!=";
  if (left.is_boolean() && right.is_boolean() && equality)
    return IsTrue(filter.comparison, left.get<bool>(), right.get<bool>());
  const auto a = NumberOf(left), b = NumberOf(right);
  if (a && b) return IsTrue(filter.comparison, *a, *b);
  return absl::InvalidArgumentError(
      absl::StrCat(Quoted(filter.text), " compares what cannot be compared: ", left.type_name(),
                   " with ", right.type_name()));
}

absl::StatusOr<bool> Passes(const JsonStep& filter, const ordered_json& item) {
  const auto left = Apply(filter.parts[0], {&item});
  if (filter.comparison.empty()) return left.ok() && !left->empty();
  if (!left.ok()) return left.status();
  const auto right = Apply(filter.parts[1], {&item});
  if (!right.ok()) return right.status();
  if (left->empty() || right->empty()) return false;
  if (left->size() > 1 || right->size() > 1)
    return absl::InvalidArgumentError(
        absl::StrCat(Quoted(filter.text), " compares several values; one can be compared"));
  return Compare(filter, *left->front(), *right->front());
}

absl::Status AddFiltered(const JsonStep& filter, const ordered_json& list, JsonValues& into) {
  if (!list.is_array())
    return absl::InvalidArgumentError(
        absl::StrCat(Quoted(filter.text), " needs a list, and the value there is none"));
  for (const ordered_json& item : list) {
    const auto passes = Passes(filter, item);
    if (!passes.ok()) return passes.status();
    if (*passes) into.push_back(&item);
  }
  return absl::OkStatus();
}

absl::Status AddStep(const JsonStep& step, const ordered_json& value, JsonValues& into) {
  switch (step.kind) {
    case StepKind::kField:
      if (value.is_object())
        if (const auto found = value.find(step.text); found != value.end()) into.push_back(&*found);
      return absl::OkStatus();
    case StepKind::kEach: AddChildren(value, into); return absl::OkStatus();
    case StepKind::kRecursive: AddAll(value, into); return absl::OkStatus();
    case StepKind::kSlice: return AddSlice(step, value, into);
    case StepKind::kFilter: return AddFiltered(step, value, into);
    default: return absl::OkStatus();
  }
}

absl::StatusOr<JsonValues> ApplyUnion(const JsonStep& step, const JsonValues& values) {
  JsonValues result;
  for (const JsonSteps& part : step.parts) {
    const auto found = Apply(part, values);
    if (!found.ok()) return found;
    result.insert(result.end(), found->begin(), found->end());
    if (result.size() > kMostValues) return TooMany();
  }
  return result;
}

absl::StatusOr<JsonValues> ApplyStep(const JsonStep& step, const JsonValues& values) {
  if (step.kind == StepKind::kLiteral) return JsonValues{&step.literal};
  if (step.kind == StepKind::kUnion) return ApplyUnion(step, values);
  JsonValues result;
  for (const ordered_json* value : values) {
    if (absl::Status added = AddStep(step, *value, result); !added.ok()) return added;
    if (result.size() > kMostValues) return TooMany();
  }
  return result;
}

absl::StatusOr<JsonValues> Apply(const JsonSteps& steps, JsonValues values) {
  for (const JsonStep& step : steps) {
    auto next = ApplyStep(step, values);
    if (!next.ok()) return next;
    values = *std::move(next);
  }
  return values;
}

absl::Status RenderPieces(const std::vector<JsonPiece>& pieces, const ordered_json& value,
                          std::string& text) {
  for (const JsonPiece& piece : pieces) {
    const auto found = Apply(piece.steps, {&value});
    if (!found.ok()) return found.status();
    if (piece.range) {
      for (const ordered_json* one : *found)
        if (absl::Status rendered = RenderPieces(piece.body, *one, text); !rendered.ok())
          return rendered;
      continue;
    }
    const bool literal = !piece.steps.empty() && piece.steps.back().kind == StepKind::kLiteral;
    for (size_t i = 0; i < found->size(); ++i) {
      const std::string one = JsonText(*(*found)[i]);
      absl::StrAppend(&text, i > 0 ? " " : "", literal ? one : Printable(one));
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<JsonValues> Find(const JsonSteps& steps, const ordered_json& document) {
  return Apply(steps, {&document});
}

std::string JsonText(const ordered_json& value) {
  return value.is_string() ? value.get<std::string>()
                           : value.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}

absl::StatusOr<std::string> JsonTemplate::Render(const ordered_json& document) const {
  std::string text;
  if (absl::Status rendered = RenderPieces(pieces_, document, text); !rendered.ok())
    return rendered;
  return text;
}

}  // namespace capmon
