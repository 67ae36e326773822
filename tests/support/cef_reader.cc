// SPDX-License-Identifier: Apache-2.0
#include "tests/support/cef_reader.h"

#include <algorithm>
#include <cctype>

namespace capmon {
namespace {

constexpr size_t kHeaderFields = 7;

// Undoes "\\", "\" before a character of `special`, and "\n".
std::optional<std::string> Unescaped(std::string_view text, char special, bool lines) {
  std::string result;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\') {
      result += text[i];
      continue;
    }
    if (++i == text.size()) return std::nullopt;
    if (text[i] == 'n' && lines)
      result += '\n';
    else if (text[i] == '\\' || text[i] == special)
      result += text[i];
    else
      return std::nullopt;
  }
  return result;
}

// Position of the first unescaped `c`.
size_t FindUnescaped(std::string_view text, char c) {
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == c) return i;
    if (text[i] == '\\') ++i;
  }
  return text.npos;
}

bool IsKey(std::string_view key) {
  return !key.empty() && std::ranges::all_of(key, [](unsigned char c) { return std::isalnum(c); });
}

bool ReadExtension(std::string_view rest, std::map<std::string, std::string>& extension) {
  while (!rest.empty()) {
    const size_t equals = FindUnescaped(rest, '=');
    if (equals == rest.npos || !IsKey(rest.substr(0, equals))) return false;
    const std::string key(rest.substr(0, equals));
    rest.remove_prefix(equals + 1);
    size_t end = FindUnescaped(rest, '=');
    size_t next = rest.size();
    if (end != rest.npos) {
      end = rest.rfind(' ', end);
      if (end == rest.npos) return false;
      next = end + 1;
    }
    const auto value = Unescaped(rest.substr(0, end), '=', true);
    if (!value || !extension.emplace(key, *value).second) return false;
    rest.remove_prefix(next);
  }
  return true;
}

}  // namespace

std::optional<CefMessage> ReadCef(std::string_view line) {
  if (!line.starts_with("CEF:")) return std::nullopt;
  if (std::ranges::any_of(line, [](unsigned char c) { return c < ' ' || c == 0x7f; }))
    return std::nullopt;
  line.remove_prefix(4);
  CefMessage message;
  while (message.header.size() < kHeaderFields) {
    const size_t end = FindUnescaped(line, '|');
    const auto field = Unescaped(line.substr(0, end), '|', false);
    if (end == line.npos || !field) return std::nullopt;
    message.header.push_back(*field);
    line.remove_prefix(end + 1);
  }
  if (!ReadExtension(line, message.extension)) return std::nullopt;
  return message;
}

}  // namespace capmon
