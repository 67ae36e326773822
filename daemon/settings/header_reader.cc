// SPDX-License-Identifier: Apache-2.0
// Headers of requests, and which names are those of secrets.
#include <algorithm>
#include <string_view>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "daemon/settings/target_reader.h"
#include "daemon/settings/value_forms.h"

namespace capmon {
namespace {

constexpr size_t kMostHeaders = 32, kLongest = 1024;

bool IsHeaderName(std::string_view name) {
  constexpr std::string_view kNot = ":\"(),/;<=>?@[\\]{}";
  return !name.empty() && name.size() <= kLongest && std::ranges::all_of(name, [&](char c) {
    return c > ' ' && c < '\x7f' && kNot.find(c) == kNot.npos;
  });
}

// "Bearer ...", under whatever name.
bool IsCredential(const YamlValue& value) {
  if (!value.is_text()) return false;
  const std::string low = absl::AsciiStrToLower(value.text);
  return std::ranges::any_of(
      std::initializer_list<const char*>{"bearer ", "basic ", "splunk ", "apikey ", "digest "},
      [&](const char* scheme) { return low.starts_with(scheme); });
}

std::string RemedyFor(const std::string& header) {
  if (absl::AsciiStrToLower(header) == "authorization")
    return "remove it and write \"token: file:/etc/capmon/token\"";
  return "remove it: capmond sends a secret only as Authorization, from \"token: "
         "file:/etc/capmon/token\"; where the receiver wants another header, let a proxy add it";
}

}  // namespace

bool NamesASecret(std::string_view name) {
  const std::string low = absl::AsciiStrToLower(std::string(name));
  for (const char* const part :
       {"authorization", "password", "passwd", "passphrase", "secret", "token", "apikey", "api-key",
        "api_key", "cookie", "private", "credential", "x-auth", "bearer", "jwt", "session"})
    if (low.find(part) != low.npos) return true;
  for (const char* const end : {"-key", "_key", "-auth", "-signature"})
    if (low.ends_with(end) && low.find("partition") == low.npos) return true;
  return low == "key" || low == "ssl.key.pem" || low == "pass" || low == "sig" ||
         low == "signature" || low == "auth" || low == "pwd";
}

void ReadHeaders(SectionReader& reader, std::map<std::string, std::string>& into) {
  const YamlMember* const member = reader.Take("headers");
  if (member == nullptr) return;
  if (!member->value.is_map() || member->value.members.size() > kMostHeaders)
    return reader.Fail(member->value.place,
                       absl::StrCat("headers takes a map of at most ", kMostHeaders,
                                    " texts; write \"headers: {X-Tenant: prod}\""));
  for (const YamlMember& header : member->value.members) {
    if (!IsHeaderName(header.key))
      reader.Fail(header.place, absl::StrCat("there can be no header ", InQuotes(header.key),
                                             "; write letters, digits and -, like X-Tenant"));
    else if (NamesASecret(header.key) || IsCredential(header.value))
      reader.Fail(header.place, absl::StrCat("the header ", header.key,
                                             " is a secret and must not stand in this file; ",
                                             RemedyFor(header.key)));
    else if (!header.value.is_text() || header.value.text.size() > kLongest ||
             std::ranges::any_of(header.value.text, [](char c) {
               return absl::ascii_iscntrl(static_cast<unsigned char>(c));
             }))
      reader.Fail(header.value.place,
                  absl::StrCat("the header ", header.key, " takes a text of one line; write \"",
                               header.key, ": value\""));
    else
      into[header.key] = header.value.text;
  }
}

}  // namespace capmon
