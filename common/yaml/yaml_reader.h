// SPDX-License-Identifier: Apache-2.0
// YAML, and so JSON, as a tree of values with their places. Every input is bounded: its bytes, its
// nodes once aliases are expanded, its depth. Pure.
#pragma once

#include <compare>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace capmon {

// Counted from 1, as in editors.
struct TextPlace {
  int line = 1;
  int column = 1;

  friend auto operator<=>(const TextPlace&, const TextPlace&) = default;
};

struct YamlMember;

struct YamlValue {
  enum class Kind { kNull, kText, kList, kMap };

  Kind kind = Kind::kNull;
  std::string text;
  bool quoted = false;  // a quoted "true" or "1" is a string
  TextPlace place;
  std::vector<YamlValue> items;
  std::vector<YamlMember> members;  // in the order of the file

  bool is_map() const { return kind == Kind::kMap; }
  bool is_list() const { return kind == Kind::kList; }
  bool is_text() const { return kind == Kind::kText; }
  bool is_null() const { return kind == Kind::kNull; }

  // Null if the value is no map or has no such key.
  const YamlMember* Find(std::string_view key) const;
  // Returns the value of that key; a null value if there is none.
  const YamlValue& At(std::string_view key) const;
};

struct YamlMember {
  std::string key;
  TextPlace place;  // of the key
  YamlValue value;
};

// "true" and "false" as YAML 1.2 and Kubernetes read them; not "yes", and nothing in quotes.
std::optional<bool> AsBool(const YamlValue& value);
// A whole number of at most 18 digits.
std::optional<int64_t> AsInteger(const YamlValue& value);

struct YamlLimits {
  size_t bytes = 4 << 20;
  size_t nodes = 200'000;  // of a stream, with every alias expanded
  size_t documents = 1000;
  int depth = 100;
  bool aliases = true;  // anchors, aliases and merge keys ("<<")
};

struct YamlFault {
  TextPlace place;
  std::string what;  // a clause
};

// The documents before the first error, which ends the stream.
struct YamlStream {
  std::vector<YamlValue> documents;
  std::optional<YamlFault> fault;
};

YamlStream ReadYaml(const std::string& text, const YamlLimits& limits);

}  // namespace capmon
