// SPDX-License-Identifier: Apache-2.0
// Writes and reads a JSON object by one description of its members, so that the two cannot differ:
//   template <typename Form> void Describe(Form& form, Person& person) {
//     form.Always("name", person.name);
//     form.Maybe("age", person.age);
//   }
// FormWriter fills the object with the members' values, FormReader the members from the object.
#pragma once

#include <concepts>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "daemon/encode/alert_text.h"
#include "daemon/model/capability.h"

namespace capmon {

class FormWriter {
 public:
  explicit FormWriter(OrderedJson& out) : out_(out) {}

  // Writes the value; Maybe() omits the default value of its type.
  template <typename Value>
  void Always(const char* key, const Value& value) {
    out_[key] = ToJson(value);
  }
  template <typename Value>
  void Maybe(const char* key, const Value& value) {
    if (value != Value{}) Always(key, value);
  }
  template <typename Value>
  void Maybe(const char* key, const std::optional<Value>& value) {
    if (value) Always(key, *value);
  }
  // As RFC 3339; MaybeTime() omits 0.
  void Time(const char* key, TimeNs time) { out_[key] = Rfc3339(time); }
  void MaybeTime(const char* key, TimeNs time) {
    if (time != 0) Time(key, time);
  }
  // An enumeration, by its Name().
  template <typename Enum>
  void Named(const char* key, const Enum& value) {
    out_[key] = Name(value);
  }
  // Computed from other members: for receivers, not read.
  template <typename Value>
  void Derived(const char* key, const Value& value) {
    Maybe(key, value);
  }
  // An object in this one; omitted if it is empty.
  template <typename Fill>
  void Section(const char* key, Fill fill) {
    OrderedJson section = OrderedJson::object();
    FormWriter form(section);
    fill(form);
    if (!section.empty()) out_[key] = std::move(section);
  }
  // An object that is there or not.
  template <typename Fill>
  void Group(const char* key, bool present, Fill fill) {
    if (!present) return;
    out_[key] = OrderedJson::object();
    FormWriter form(out_[key]);
    fill(form);
  }
  template <typename Item, typename Fill>
  void List(const char* key, const std::vector<Item>& items, Fill fill) {
    if (items.empty()) return;
    OrderedJson list = OrderedJson::array();
    for (const Item& item : items) {
      FormWriter form(list.emplace_back(OrderedJson::object()));
      fill(form, item);
    }
    out_[key] = std::move(list);
  }

 private:
  static OrderedJson ToJson(const std::string& text);
  static OrderedJson ToJson(const std::vector<std::string>& texts);
  static OrderedJson ToJson(const std::map<std::string, std::string>& texts);
  static OrderedJson ToJson(CapabilitySet set);
  template <typename Number>
  requires std::integral<Number>
  static OrderedJson ToJson(Number number) { return number; }

  OrderedJson& out_;
};

class FormReader {
 public:
  explicit FormReader(const nlohmann::json& in) : FormReader(in, "") {}

  // OK, or the first member that could not be read, and why.
  const absl::Status& status() const { return status_; }

  template <typename Value>
  void Always(const char* key, Value& value) {
    if (Find(key) == nullptr) Fail(key, "is missing");
    Maybe(key, value);
  }
  template <typename Value>
  void Maybe(const char* key, Value& value) {
    const nlohmann::json* const found = Find(key);
    if (found != nullptr && !Take(*found, value)) Fail(key, "has a value of another type");
  }
  template <typename Value>
  void Maybe(const char* key, std::optional<Value>& value) {
    if (Find(key) != nullptr) Maybe(key, value.emplace());
  }
  void Time(const char* key, TimeNs& time) {
    if (Find(key) == nullptr) Fail(key, "is missing");
    MaybeTime(key, time);
  }
  void MaybeTime(const char* key, TimeNs& time);
  template <typename Enum>
  void Named(const char* key, Enum& value) {
    std::string name;
    Always(key, name);
    // Names end at the first number that is no value.
    for (int number = 0;; ++number) {
      value = static_cast<Enum>(number);
      if (name == Name(value)) return;
      if (std::string("unknown") == Name(value)) return Fail(key, "has an unknown value");
    }
  }
  template <typename Value>
  void Derived(const char*, const Value&) {}
  template <typename Fill>
  void Section(const char* key, Fill fill) {
    static const nlohmann::json kEmpty = nlohmann::json::object();
    const nlohmann::json* const found = Find(key);
    Inside(key, found != nullptr ? *found : kEmpty, fill);
  }
  template <typename Fill>
  void Group(const char* key, bool& present, Fill fill) {
    present = Find(key) != nullptr;
    if (present) Inside(key, *Find(key), fill);
  }
  template <typename Item, typename Fill>
  void List(const char* key, std::vector<Item>& items, Fill fill) {
    const nlohmann::json* const found = Find(key);
    if (found == nullptr) return;
    if (!found->is_array()) return Fail(key, "is not a list");
    for (const nlohmann::json& item : *found)
      Inside(key, item, [&](FormReader& form) { fill(form, items.emplace_back()); });
  }

  void Fail(const char* key, const char* why);

 private:
  FormReader(const nlohmann::json& in, std::string path) : in_(in), path_(std::move(path)) {}

  const nlohmann::json* Find(const char* key) const;
  template <typename Fill>
  void Inside(const char* key, const nlohmann::json& in, Fill fill) {
    if (!in.is_object()) return Fail(key, "is not an object");
    FormReader form(in, absl::StrCat(path_, key, "."));
    fill(form);
    if (status_.ok()) status_ = form.status_;
  }

  static bool Take(const nlohmann::json& from, std::string& text);
  static bool Take(const nlohmann::json& from, std::map<std::string, std::string>& texts);
  static bool Take(const nlohmann::json& from, CapabilitySet& set);
  static bool Take(const nlohmann::json& from, bool& flag);
  template <typename Number>
  requires std::integral<Number>
  static bool Take(const nlohmann::json& from, Number& number) {
    if (from.is_number_unsigned() && std::in_range<Number>(from.get<uint64_t>()))
      number = static_cast<Number>(from.get<uint64_t>());
    else if (from.is_number_integer() && !from.is_number_unsigned() &&
             std::in_range<Number>(from.get<int64_t>()))
      number = static_cast<Number>(from.get<int64_t>());
    else
      return false;
    return true;
  }

  const nlohmann::json& in_;
  const std::string path_;
  absl::Status status_;
};

}  // namespace capmon
