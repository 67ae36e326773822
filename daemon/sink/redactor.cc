// SPDX-License-Identifier: Apache-2.0
#include "daemon/sink/redactor.h"

#include <algorithm>
#include <functional>
#include <nlohmann/json.hpp>
#include <utility>
#include <variant>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "common/percent.h"
#include "daemon/sink/printable.h"
#include "daemon/sink/secret.h"

namespace capmon {
namespace {

constexpr char kInstead[] = "[secret]";
// Parts of an address that are shorter are words like "services".
constexpr size_t kLeastPart = 9;
// A shorter beginning of a secret at the end of a text may be chance.
constexpr size_t kLeastBeginning = 6;

std::string AsJson(const std::string& text) {
  const std::string quoted =
      nlohmann::json(text).dump(-1, ' ', true, nlohmann::json::error_handler_t::replace);
  return quoted.substr(1, quoted.size() - 2);
}

std::string AsUrl(const std::string& text) { return PercentEncode(text, "-._~"); }

std::string AsHtml(const std::string& text) {
  return absl::StrReplaceAll(
      text, {{"&", "&amp;"}, {"<", "&lt;"}, {">", "&gt;"}, {"\"", "&quot;"}, {"'", "&#39;"}});
}

void Add(std::set<std::string>& forms, const std::string& secret) {
  if (secret.empty()) return;
  forms.insert({secret, AsJson(secret), AsUrl(secret), AsHtml(secret), absl::Base64Escape(secret),
                absl::StrReplaceAll(secret, {{"/", "\\/"}})});  // as JSON of PHP has it
}

// The query, and the values in it.
void AddQuery(std::set<std::string>& forms, const std::string& query) {
  Add(forms, query);
  for (const absl::string_view pair : absl::StrSplit(query, absl::ByAnyChar("&#"))) {
    const size_t sign = pair.find('=');
    if (sign != pair.npos && pair.size() - sign > kLeastPart)
      Add(forms, std::string(pair.substr(sign + 1)));
  }
}

// Of a secret address everything after the server counts, else the user and the query.
void AddUrl(std::set<std::string>& forms, const std::string& url, bool secret) {
  const size_t scheme = url.find("://");
  const size_t host = scheme == url.npos ? 0 : scheme + 3;
  const size_t path = std::min(url.find_first_of("/?#", host), url.size());
  const size_t query = std::min(url.find_first_of("?#", path), url.size());
  if (const size_t at = url.rfind('@', path); at != url.npos && at >= host) {
    const std::string user = url.substr(host, at - host);
    Add(forms, user);
    forms.insert(absl::Base64Escape(user));
    if (const size_t colon = user.find(':'); colon != user.npos) Add(forms, user.substr(colon + 1));
  }
  if (query < url.size()) AddQuery(forms, url.substr(query + 1));
  if (!secret) return;
  Add(forms, url);
  if (url.size() > path + 1) Add(forms, url.substr(path));
  const std::string segments = url.substr(path, query - path);
  for (const absl::string_view part : absl::StrSplit(segments, '/'))
    if (part.size() >= kLeastPart) Add(forms, std::string(part));
}

std::string AddSecret(std::set<std::string>& forms, const Secret& secret) {
  const auto text = ReadSecret(secret);
  if (!text.ok()) return "";
  Add(forms, *text);
  return *text;
}

struct AddSecretsOf {
  std::set<std::string>& forms;

  void operator()(const FileTarget&) const {}
  void operator()(const SyslogTarget&) const {}
  void operator()(const OtlpTarget& target) const { AddSecret(forms, target.token); }
  void operator()(const KafkaTarget& target) const { AddSecret(forms, target.password); }
  void operator()(const HttpTarget& target) const {
    AddSecret(forms, target.token);
    const std::string password = AddSecret(forms, target.password);
    if (!password.empty())
      forms.insert(absl::Base64Escape(absl::StrCat(target.user, ":", password)));
    const bool secret = target.url.starts_with("file:/") || target.url.starts_with("env:");
    const auto url = secret ? ReadSecret({target.url}) : target.url;
    if (url.ok()) AddUrl(forms, *url, secret);
  }
};

}  // namespace

Redactor::Forms Redactor::Read() const {
  Forms forms;
  std::visit(AddSecretsOf{forms}, settings_.target);
  forms.erase("");
  return forms;
}

void Redactor::Learn() {
  Forms now = Read();
  if (!generations_.empty() && generations_.back() == now) return;
  generations_.push_back(std::move(now));
  if (generations_.size() > kMostGenerations) generations_.pop_front();
  Forms all;
  for (const Forms& forms : generations_) all.insert(forms.begin(), forms.end());
  forms_.assign(all.begin(), all.end());
  std::ranges::stable_sort(forms_, std::greater(), &std::string::size);
}

std::string Redactor::Shown(std::string_view text) const {
  std::string shown(text);
  for (const std::string& form : forms_) shown = absl::StrReplaceAll(shown, {{form, kInstead}});
  for (const std::string& form : forms_) {
    for (size_t size = std::min(form.size(), shown.size()); size >= kLeastBeginning; --size) {
      if (!std::string_view(shown).ends_with(std::string_view(form).substr(0, size))) continue;
      shown.replace(shown.size() - size, size, kInstead);
      break;
    }
  }
  return Printable(shown);
}

}  // namespace capmon
