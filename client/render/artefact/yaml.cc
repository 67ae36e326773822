// SPDX-License-Identifier: Apache-2.0
#include "client/render/artefact/yaml.h"

#include <yaml-cpp/yaml.h>

#include <algorithm>

#include "absl/strings/ascii.h"

namespace capmon {
namespace {

constexpr size_t kMostInALine = 8;

// Returns whether every reader of YAML 1.1 and 1.2 reads the text as a string without quotes: no
// number, no date, not "no".
bool IsPlain(const std::string& text) {
  constexpr std::string_view kWords[] = {"true", "false", "yes", "no",   "on",
                                         "off",  "y",     "n",   "null", "nan"};
  const auto plain = [](unsigned char c) {
    return absl::ascii_isalnum(c) || c == '_' || c == '-' || c == '/' || c == '.';
  };
  return !text.empty() && absl::ascii_isalpha(static_cast<unsigned char>(text[0])) &&
         std::all_of(text.begin(), text.end(), plain) &&
         std::find(std::begin(kWords), std::end(kWords), absl::AsciiStrToLower(text)) ==
             std::end(kWords);
}

// Returns whether the text is a block of lines, such as an expression.
bool IsBlock(const std::string& text) {
  const auto printable = [](unsigned char c) { return absl::ascii_isprint(c) || c == '\n'; };
  return text.find('\n') != text.npos && absl::ascii_isgraph(static_cast<unsigned char>(text[0])) &&
         text.back() == '\n' && !text.ends_with("\n\n") &&
         std::all_of(text.begin(), text.end(), printable);
}

void EmitText(YAML::Emitter& out, std::string text) {
  if (IsBlock(text)) {
    text.pop_back();  // a block ends with a newline
    out << YAML::Literal << text;
  } else if (IsPlain(text)) {
    out << text;
  } else {
    out << YAML::DoubleQuoted << text;
  }
}

void Emit(YAML::Emitter& out, const Json& value) {
  if (value.is_object()) {
    if (value.empty()) out << YAML::Flow;
    out << YAML::BeginMap;
    for (const auto& [key, member] : value.items()) {
      out << YAML::Key;
      EmitText(out, key);
      out << YAML::Value;
      Emit(out, member);
    }
    out << YAML::EndMap;
  } else if (value.is_array()) {
    if (value.empty() || (value[0].is_string() && value.size() <= kMostInALine)) out << YAML::Flow;
    out << YAML::BeginSeq;
    for (const Json& item : value) Emit(out, item);
    out << YAML::EndSeq;
  } else if (value.is_string()) {
    EmitText(out, value.get<std::string>());
  } else {
    out << value.dump();  // a number, true or false: as in JSON
  }
}

}  // namespace

std::string ToYaml(const Json& document) {
  YAML::Emitter out;
  out.SetOutputCharset(YAML::EscapeNonAscii);
  Emit(out, document);
  return std::string(out.c_str()) + "\n";
}

}  // namespace capmon
