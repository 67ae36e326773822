// SPDX-License-Identifier: Apache-2.0
#include "daemon/collector/event_members.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

namespace capmon {
namespace {

bool IsPlain(char c) {
  constexpr std::string_view kPunctuation = "_./-+@";
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         kPunctuation.find(c) != std::string_view::npos;
}

std::string Encode(std::string_view raw) {
  std::string text;
  for (char c : raw) {
    if (IsPlain(c))
      text += c;
    else
      text += fmt::format("%{:02x}", static_cast<unsigned char>(c));
  }
  return text;
}

bool Decode(std::string_view text, std::string& raw) {
  raw.clear();
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      raw += text[i];
      continue;
    }
    unsigned byte = 0;
    if (i + 2 >= text.size()) return false;
    const char* end = text.data() + i + 3;
    const auto [parsed, error] = std::from_chars(text.data() + i + 1, end, byte, 16);
    if (error != std::errc() || parsed != end) return false;
    raw += static_cast<char>(byte);
    i += 2;
  }
  return true;
}

template <typename Function>
bool ForEachPart(std::string_view text, char separator, Function function) {
  while (!text.empty()) {
    const size_t end = std::min(text.find(separator), text.size());
    if (!function(text.substr(0, end))) return false;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return true;
}

constexpr std::array<std::string_view, 7> kOrigins = {"unknown",   "host",   "none",   "own",
                                                      "elsewhere", "memory", "outside"};

}  // namespace

std::string Quotable(std::string_view raw) { return Encode(raw.substr(0, 40)); }

std::string WriteValue(const std::string& value) { return Encode(value); }

std::string WriteValue(bool value) { return value ? "1" : "0"; }

std::string WriteValue(CapabilitySet value) { return fmt::format("{:x}", value.bits()); }

std::string WriteValue(const std::vector<std::string>& values) {
  std::string text;
  for (const std::string& value : values) text += (text.empty() ? "" : ",") + Encode(value);
  return text;
}

std::string WriteValue(const std::map<std::string, std::string>& values) {
  std::string text;
  for (const auto& [key, value] : values)
    text += (text.empty() ? "" : ",") + Encode(key) + ":" + Encode(value);
  return text;
}

std::string WriteValue(const IdMap& ids) {
  std::string text;
  for (const IdRange& range : ids)
    text += fmt::format("{}{}:{}:{}", text.empty() ? "" : ",", range.inside, range.outside,
                        range.count);
  return text;
}

std::string WriteValue(ExeOrigin value) {
  return std::string(kOrigins.at(static_cast<size_t>(value)));
}

bool ReadValue(std::string_view text, std::string& value) { return Decode(text, value); }

bool ReadValue(std::string_view text, bool& value) {
  value = text == "1";
  return text == "0" || text == "1";
}

bool ReadValue(std::string_view text, CapabilitySet& value) {
  uint64_t bits = 0;
  const bool ok = ReadValue(text, bits, 16);
  value = CapabilitySet(bits);
  return ok;
}

bool ReadValue(std::string_view text, std::vector<std::string>& values) {
  return ForEachPart(text, ',',
                     [&](std::string_view part) { return Decode(part, values.emplace_back()); });
}

bool ReadValue(std::string_view text, std::map<std::string, std::string>& values) {
  return ForEachPart(text, ',', [&](std::string_view part) {
    const size_t colon = part.find(':');
    std::string key;
    if (colon == std::string_view::npos || !Decode(part.substr(0, colon), key)) return false;
    return Decode(part.substr(colon + 1), values[key]);
  });
}

bool ReadValue(std::string_view text, IdMap& ids) {
  return ForEachPart(text, ',', [&](std::string_view part) {
    std::vector<uint32_t> numbers;
    const bool fine = ForEachPart(part, ':', [&](std::string_view number) {
      return numbers.size() < 3 && ReadValue(number, numbers.emplace_back());
    });
    if (fine && numbers.size() == 3) ids.push_back({numbers[0], numbers[1], numbers[2]});
    return fine && numbers.size() == 3;
  });
}

bool ReadValue(std::string_view text, ExeOrigin& value) {
  for (size_t i = 0; i < kOrigins.size(); ++i) {
    if (kOrigins[i] == text) {
      value = static_cast<ExeOrigin>(i);
      return true;
    }
  }
  return false;
}

void MemberWriter::Append(std::string_view name, const std::string& value) {
  line_ += fmt::format(" {}={}", name, value);
}

bool MemberReader::Split(std::string_view text) {
  return ForEachPart(text, ' ', [&](std::string_view token) {
    const size_t equals = token.find('=');
    if (equals == std::string_view::npos) return false;
    return members_.emplace(token.substr(0, equals), token.substr(equals + 1)).second;
  });
}

void MemberReader::Named(std::string_view name, Capability& value) {
  std::string text;
  (*this)(name, text);
  const std::optional<Capability> capability = ParseCapability(text);
  if (capability)
    value = *capability;
  else
    malformed_ = name;
}

absl::Status MemberReader::Finish() const {
  if (!malformed_.empty())
    return absl::InvalidArgumentError(fmt::format("malformed value of \"{}\"", malformed_));
  if (!members_.empty())
    return absl::InvalidArgumentError(
        fmt::format("unknown member \"{}\"", Quotable(members_.begin()->first)));
  return absl::OkStatus();
}

}  // namespace capmon
