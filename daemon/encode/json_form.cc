// SPDX-License-Identifier: Apache-2.0
#include "daemon/encode/json_form.h"

#include <algorithm>
#include <array>

#include "common/utf8.h"

namespace capmon {

using Json = nlohmann::json;
using Texts = std::map<std::string, std::string>;

namespace {

// By number. libcap's own lookup allocates, and an alert may have hundreds of names.
const std::array<std::string, kMaxCapabilities>& Names() {
  static const auto* const names = [] {
    auto* const all = new std::array<std::string, kMaxCapabilities>;
    for (size_t c = 0; c < all->size(); ++c) (*all)[c] = CapabilityName(static_cast<Capability>(c));
    return all;
  }();
  return *names;
}

}  // namespace

OrderedJson FormWriter::ToJson(const std::string& text) { return ToUtf8(text); }

OrderedJson FormWriter::ToJson(const std::vector<std::string>& texts) {
  OrderedJson list = OrderedJson::array();
  for (const std::string& text : texts) list.push_back(ToUtf8(text));
  return list;
}

OrderedJson FormWriter::ToJson(const Texts& texts) {
  // Escaping may change the order of keys; a line that was read and is written again is the same.
  Texts escaped;
  for (const auto& [key, text] : texts) escaped[ToUtf8(key)] = ToUtf8(text);
  return escaped;
}

OrderedJson FormWriter::ToJson(CapabilitySet set) {
  OrderedJson names = OrderedJson::array();
  for (const Capability c : set.members()) names.push_back(Names()[c]);
  return names;
}

void FormReader::Fail(const char* key, const char* why) {
  if (!status_.ok()) return;
  status_ = absl::InvalidArgumentError(absl::StrCat("read an alert: ", path_, key, " ", why));
}

const Json* FormReader::Find(const char* key) const {
  const auto found = in_.find(key);
  return found == in_.end() ? nullptr : &*found;
}

void FormReader::MaybeTime(const char* key, TimeNs& time) {
  std::string text;
  Maybe(key, text);
  if (Find(key) == nullptr) return;
  const std::optional<TimeNs> parsed = ParseRfc3339(text);
  if (!parsed) return Fail(key, "is not a time");
  time = *parsed;
}

bool FormReader::Take(const Json& from, std::string& text) {
  if (!from.is_string()) return false;
  text = from.get<std::string>();
  return true;
}

bool FormReader::Take(const Json& from, Texts& texts) {
  if (!from.is_object()) return false;
  for (const auto& [key, value] : from.items())
    if (!Take(value, texts[key])) return false;
  return true;
}

bool FormReader::Take(const Json& from, CapabilitySet& set) {
  if (!from.is_array()) return false;
  const auto* next = Names().begin();  // sets are written in numeric order
  for (const Json& name : from) {
    if (!name.is_string()) return false;
    const auto& text = name.get_ref<const std::string&>();
    const auto* found = std::find(next, Names().end(), text);
    if (found == Names().end()) found = std::find(Names().begin(), next, text);
    if (*found != text) return false;
    set.Add(static_cast<Capability>(found - Names().begin()));
    next = found;
  }
  return true;
}

bool FormReader::Take(const Json& from, bool& flag) {
  if (!from.is_boolean()) return false;
  flag = from.get<bool>();
  return true;
}

}  // namespace capmon
