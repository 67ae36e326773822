// SPDX-License-Identifier: Apache-2.0
// The members of one line of a recording, `name=value` each (docs/recording-format.md): a writer
// and a reader that are called alike, so that the members of an event are listed once for both.
#pragma once

#include <charconv>
#include <concepts>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "daemon/model/kernel_event.h"

namespace capmon {

// Foreign text for an error message: encoded, and short.
std::string Quotable(std::string_view raw);

std::string WriteValue(const std::string& value);
std::string WriteValue(bool value);
std::string WriteValue(CapabilitySet value);
std::string WriteValue(const std::vector<std::string>& values);
std::string WriteValue(const std::map<std::string, std::string>& values);
std::string WriteValue(const IdMap& ids);
std::string WriteValue(ExeOrigin value);
template <std::integral T>
std::string WriteValue(T value) {
  return std::to_string(value);
}

// False when the text is no such value.
bool ReadValue(std::string_view text, std::string& value);
bool ReadValue(std::string_view text, bool& value);
bool ReadValue(std::string_view text, CapabilitySet& value);
bool ReadValue(std::string_view text, std::vector<std::string>& values);
bool ReadValue(std::string_view text, std::map<std::string, std::string>& values);
bool ReadValue(std::string_view text, IdMap& ids);
bool ReadValue(std::string_view text, ExeOrigin& value);
template <std::integral T>
bool ReadValue(std::string_view text, T& value, int base = 10) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  return error == std::errc() && end == text.data() + text.size();
}

// Appends members to a line; leaves out those with their default value.
class MemberWriter {
 public:
  explicit MemberWriter(std::string line) : line_(std::move(line)) {}

  template <typename T>
  void operator()(std::string_view name, const T& value) {
    if (value != T{}) Append(name, WriteValue(value));
  }
  // Always written, and by its name.
  void Named(std::string_view name, Capability value) { Append(name, CapabilityName(value)); }

  const std::string& line() const { return line_; }

 private:
  void Append(std::string_view name, const std::string& value);

  std::string line_;
};

// Takes the members out of a line; it must stay where it is meanwhile.
class MemberReader {
 public:
  // False when the text is not a list of members, or has one of them twice.
  bool Split(std::string_view text);

  template <typename T>
  void operator()(std::string_view name, T& value) {
    const auto found = members_.find(name);
    if (found == members_.end()) return;
    if (!ReadValue(found->second, value)) malformed_ = name;
    members_.erase(found);
  }
  void Named(std::string_view name, Capability& value);

  // INVALID_ARGUMENT: a value was malformed, or a member is left that none asked for.
  absl::Status Finish() const;

 private:
  std::map<std::string_view, std::string_view> members_;
  std::string_view malformed_;
};

}  // namespace capmon
