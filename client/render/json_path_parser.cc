// SPDX-License-Identifier: Apache-2.0
#include "client/render/json_path_parser.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "client/base/quoted.h"

namespace capmon {
namespace {

using StepKind = JsonStep::Kind;

constexpr int kDeepestRange = 16;
constexpr std::string_view kTerminators = " \n.,[]$@{}";

absl::Status Wrong(const std::string& what) { return absl::InvalidArgumentError(what); }

bool IsWord(char c) { return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '_'; }

JsonStep Literal(nlohmann::ordered_json value) {
  JsonStep step;
  step.literal = std::move(value);
  return step;
}

JsonStep Field(std::string name) {
  JsonStep step;
  step.kind = name == "*" ? StepKind::kEach : StepKind::kField;
  step.text = std::move(name);
  return step;
}

std::string WithoutBackslashes(std::string_view text) {
  std::string plain;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 1 < text.size()) ++i;
    plain += text[i];
  }
  return plain;
}

std::string_view Trimmed(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

bool IsInQuotes(std::string_view text) {
  return text.size() >= 2 && (text[0] == '\'' || text[0] == '"') && text.back() == text[0];
}

absl::Status ReadIndex(std::string_view text, std::optional<int64_t>& into) {
  if (text.empty()) return absl::OkStatus();
  int64_t number = 0;
  if (!absl::SimpleAtoi(std::string(text), &number))
    return Wrong(absl::StrCat(Quoted(text), " is no index; write one like 0, -1 or 1:3"));
  into = number;
  return absl::OkStatus();
}

// "2", "-1", "1:3", ":2", "::2", "*"
absl::Status ReadSlice(std::string_view text, JsonStep& step) {
  step.kind = StepKind::kSlice;
  step.text = absl::StrCat("[", std::string(text), "]");
  if (text == "*") return absl::OkStatus();
  if (text.empty()) return Wrong("[] has no index; write [0], or [*] for all");
  const std::vector<std::string> parts = absl::StrSplit(std::string(text), ':');
  if (parts.size() > 3) return Wrong(absl::StrCat(Quoted(step.text), " has more than three parts"));
  step.one = parts.size() == 1;
  std::optional<int64_t>* const into[] = {&step.from, &step.to, &step.by};
  for (size_t i = 0; i < parts.size(); ++i)
    if (absl::Status read = ReadIndex(parts[i], *into[i]); !read.ok()) return read;
  if (step.by && *step.by <= 0)
    return Wrong(absl::StrCat(Quoted(step.text), " needs a step above 0"));
  return absl::OkStatus();
}

absl::Status ReadBracket(std::string_view text, JsonSteps& steps) {
  text = Trimmed(text);
  if (IsInQuotes(text)) {
    steps.push_back(Field(WithoutBackslashes(text.substr(1, text.size() - 2))));
    steps.back().kind = StepKind::kField;  // also "*"
    return absl::OkStatus();
  }
  steps.emplace_back();
  return ReadSlice(text, steps.back());
}

// "@.a==1" at its first comparison; without one, the whole is the left side.
void SplitComparison(std::string_view text, std::string_view& left, std::string& comparison,
                     std::string_view& right) {
  constexpr std::string_view kSigns = "!<>=";
  const size_t begin = text.find_first_of(kSigns);
  left = text.substr(0, begin);
  if (begin == text.npos) return;
  const size_t end = std::min(text.find_first_not_of(kSigns, begin), text.size());
  comparison = std::string(text.substr(begin, end - begin));
  right = text.substr(end);
}

}  // namespace

std::string_view JsonPathParser::TakeText() {
  const size_t brace = std::min(text_.find('{', at_), text_.size());
  const std::string_view text = text_.substr(at_, brace - at_);
  at_ = std::min(brace + 1, text_.size());
  return text;
}

std::string JsonPathParser::TakeKeyword() {
  size_t begin = at_;
  while (begin < text_.size() && text_[begin] == ' ') ++begin;
  for (const std::string_view word : {"range", "end"}) {
    const size_t end = begin + word.size();
    if (text_.substr(begin, word.size()) != word || (end < text_.size() && IsWord(text_[end])))
      continue;
    at_ = end;
    return std::string(word);
  }
  return "";
}

absl::Status JsonPathParser::ReadSteps(bool whole, JsonSteps& steps) {
  while (at_ < text_.size()) {
    if (text_[at_] == '}' && !whole) {
      ++at_;
      return absl::OkStatus();
    }
    if (absl::Status read = ReadStep(steps); !read.ok()) return read;
  }
  return whole ? absl::OkStatus() : Wrong("a { has no }");
}

absl::Status JsonPathParser::ReadStep(JsonSteps& steps) {
  const std::string_view rest = text_.substr(at_);
  const char c = rest[0];
  if (c == ' ' || c == '@' || c == '$') {  // the value itself
    ++at_;
    return absl::OkStatus();
  }
  if (rest.starts_with("[?(")) return ReadFilter(steps);
  if (rest.starts_with("..")) return ReadRecursive(steps);
  if (c == '[') return ReadBrackets(steps);
  if (c == '"' || c == '\'') return ReadQuoted(steps);
  if (c == '.') {
    ++at_;
    return ReadField(steps);
  }
  if (c == '+' || c == '-' || absl::ascii_isdigit(static_cast<unsigned char>(c)))
    return ReadNumber(steps);
  if (IsWord(c)) return ReadWord(steps);
  return Wrong(absl::StrCat(Quoted(rest), " is no path; write one like .name or [0]"));
}

absl::Status JsonPathParser::ReadField(JsonSteps& steps) {
  const size_t begin = at_;
  while (at_ < text_.size() && kTerminators.find(text_[at_]) == kTerminators.npos)
    at_ += text_[at_] == '\\' ? 2 : 1;
  at_ = std::min(at_, text_.size());
  const std::string_view name = text_.substr(begin, at_ - begin);
  if (!name.empty()) steps.push_back(Field(WithoutBackslashes(name)));  // "." is the value itself
  return absl::OkStatus();
}

absl::Status JsonPathParser::ReadRecursive(JsonSteps& steps) {
  if (!steps.empty() && steps.back().kind == StepKind::kRecursive)
    return Wrong(".. cannot follow another ..");
  at_ += 2;
  steps.emplace_back();
  steps.back().kind = StepKind::kRecursive;
  const bool field = at_ < text_.size() && (IsWord(text_[at_]) || text_[at_] == '*');
  return field ? ReadField(steps) : absl::OkStatus();
}

size_t JsonPathParser::FindOutsideQuotes(size_t from, std::string_view ends) const {
  char quote = 0;
  for (size_t i = from; i < text_.size(); ++i) {
    const char c = text_[i];
    if (quote != 0 && c == '\\')
      ++i;
    else if (quote != 0)
      quote = c == quote ? 0 : quote;
    else if (ends.find(c) != ends.npos)
      return i;
    else if (c == '"' || c == '\'')
      quote = c;
  }
  return text_.npos;
}

absl::Status JsonPathParser::ReadBrackets(JsonSteps& steps) {
  const size_t end = FindOutsideQuotes(at_ + 1, "]");
  if (end == text_.npos) return Wrong("a [ has no ]");
  JsonStep several;
  several.kind = StepKind::kUnion;
  size_t begin = at_ + 1;
  while (true) {
    const size_t comma = std::min(FindOutsideQuotes(begin, ",]"), end);
    several.parts.emplace_back();
    if (absl::Status read = ReadBracket(text_.substr(begin, comma - begin), several.parts.back());
        !read.ok())
      return read;
    if (comma == end) break;
    begin = comma + 1;
  }
  at_ = end + 1;
  steps.push_back(several.parts.size() > 1 ? std::move(several) : several.parts[0][0]);
  return absl::OkStatus();
}

absl::Status JsonPathParser::ReadFilter(JsonSteps& steps) {
  const size_t begin = at_ + 3;
  const size_t end = FindOutsideQuotes(begin, ")");
  if (end == text_.npos || text_.substr(end, 2) != ")]")
    return Wrong("a filter [?( has no )]; write one like [?(@.name==\"web\")]");
  std::string_view left, right;
  JsonStep filter;
  filter.kind = StepKind::kFilter;
  SplitComparison(text_.substr(begin, end - begin), left, filter.comparison, right);
  filter.text = std::string(text_.substr(at_, end + 2 - at_));
  if (left.find("[?(") != left.npos || right.find("[?(") != right.npos)
    return Wrong("a filter cannot hold another one");
  constexpr std::string_view kComparisons[] = {"", "==", "!=", "<", ">", "<=", ">="};
  if (std::ranges::find(kComparisons, filter.comparison) == std::end(kComparisons))
    return Wrong(absl::StrCat(Quoted(filter.comparison),
                              " is no comparison; there are ==, !=, <, >, <= and >="));
  filter.parts.resize(2);
  if (absl::Status read = JsonPathParser(left).ReadSteps(true, filter.parts[0]); !read.ok())
    return read;
  if (absl::Status read = JsonPathParser(right).ReadSteps(true, filter.parts[1]); !read.ok())
    return read;
  if (Trimmed(left).empty() || (!filter.comparison.empty() && Trimmed(right).empty()))
    return Wrong(absl::StrCat(Quoted(filter.text), " lacks a side of its comparison"));
  at_ = end + 2;
  steps.push_back(std::move(filter));
  return absl::OkStatus();
}

absl::Status JsonPathParser::ReadQuoted(JsonSteps& steps) {
  static constexpr std::pair<char, char> kEscapes[] = {{'n', '\n'},  {'t', '\t'}, {'r', '\r'},
                                                       {'\\', '\\'}, {'"', '"'},  {'\'', '\''}};
  const char quote = text_[at_];
  std::string value;
  for (++at_; at_ < text_.size() && text_[at_] != quote; ++at_) {
    if (text_[at_] != '\\') {
      value += text_[at_];
      continue;
    }
    const char named = ++at_ < text_.size() ? text_[at_] : '\0';
    const auto* const known = std::ranges::find(kEscapes, named, &std::pair<char, char>::first);
    if (known == std::end(kEscapes))
      return Wrong(absl::StrCat(Quoted(text_.substr(at_ - 1, 2)),
                                " is no escape; there are \\n, \\t, \\r, \\\\, \\\" and \\'"));
    value += known->second;
  }
  if (at_ >= text_.size())
    return Wrong(absl::StrCat("a ", std::string(1, quote), " is not closed"));
  ++at_;
  steps.push_back(Literal(std::move(value)));
  return absl::OkStatus();
}

absl::Status JsonPathParser::ReadNumber(JsonSteps& steps) {
  const size_t begin = at_++;
  while (at_ < text_.size() &&
         (text_[at_] == '.' || absl::ascii_isdigit(static_cast<unsigned char>(text_[at_]))))
    ++at_;
  const std::string text(text_.substr(begin, at_ - begin));
  int64_t whole = 0;
  double fraction = 0;
  if (absl::SimpleAtoi(text, &whole))
    steps.push_back(Literal(whole));
  else if (absl::SimpleAtod(text, &fraction))
    steps.push_back(Literal(fraction));
  else
    return Wrong(absl::StrCat(Quoted(text), " is no number"));
  return absl::OkStatus();
}

absl::Status JsonPathParser::ReadWord(JsonSteps& steps) {
  const size_t begin = at_;
  while (at_ < text_.size() && kTerminators.find(text_[at_]) == kTerminators.npos) ++at_;
  const std::string word(text_.substr(begin, at_ - begin));
  if (word == "true" || word == "false") {
    steps.push_back(Literal(word == "true"));
    return absl::OkStatus();
  }
  if (word == "range" || word == "end")
    return Wrong(absl::StrCat(word, " has to be the first word between braces"));
  return Wrong(
      absl::StrCat("there is no word ", Quoted(word), "; a field begins with a dot, as .", word));
}

absl::Status ReadPieces(JsonPathParser& parser, int depth, std::vector<JsonPiece>& pieces) {
  while (true) {
    if (const std::string_view text = parser.TakeText(); !text.empty())
      pieces.push_back({{Literal(std::string(text))}});
    if (parser.AtEnd()) break;
    const std::string keyword = parser.TakeKeyword();
    JsonPiece piece;
    if (absl::Status read = parser.ReadSteps(false, piece.steps); !read.ok()) return read;
    if (keyword == "end") {
      if (depth == 0) return Wrong("{end} has no {range}");
      return piece.steps.empty() ? absl::OkStatus() : Wrong("{end} takes nothing");
    }
    piece.range = keyword == "range";
    if (piece.range && depth == kDeepestRange)
      return Wrong(absl::StrCat("more than ", kDeepestRange, " ranges are within each other"));
    if (piece.range)
      if (absl::Status read = ReadPieces(parser, depth + 1, piece.body); !read.ok()) return read;
    pieces.push_back(std::move(piece));
  }
  return depth == 0 ? absl::OkStatus() : Wrong("a {range} has no {end}");
}

absl::StatusOr<JsonTemplate> JsonTemplate::Parse(std::string_view text) {
  if (text.empty()) return Wrong("is empty; write a path like {.workloads[*].workload.name}");
  if (text.size() > kLongest) return Wrong(absl::StrCat("has more than ", kLongest, " bytes"));
  JsonPathParser parser(text);
  std::vector<JsonPiece> pieces;
  if (absl::Status read = ReadPieces(parser, 0, pieces); !read.ok()) return read;
  return JsonTemplate(std::move(pieces));
}

absl::StatusOr<JsonSteps> ParseRelaxedPath(std::string_view text) {
  text = Trimmed(text);
  if (text.starts_with('{') && text.ends_with('}')) text = text.substr(1, text.size() - 2);
  if (text.empty()) return Wrong("a path is empty; write one like .workload.name");
  if (text.size() > JsonTemplate::kLongest)
    return Wrong(absl::StrCat("a path has more than ", JsonTemplate::kLongest, " bytes"));
  const std::string path = text[0] == '.' || text[0] == '[' || text[0] == '$' || text[0] == '@'
                               ? std::string(text)
                               : absl::StrCat(".", std::string(text));
  JsonSteps steps;
  if (absl::Status read = JsonPathParser(path).ReadSteps(true, steps); !read.ok()) return read;
  return steps;
}

}  // namespace capmon
