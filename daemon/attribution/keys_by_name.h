// SPDX-License-Identifier: Apache-2.0
// Finds containers by a name that several may have and that may change, without a look at all of
// them. Pure.
#pragma once

#include <map>
#include <set>
#include <string>

namespace capmon {

class KeysByName {
 public:
  // Notes the name that a container has now.
  void Note(const std::string& key, const std::string& name) {
    const auto known = name_of_.find(key);
    if (known != name_of_.end() && known->second == name) return;
    Remove(key);
    name_of_[key] = name;
    keys_of_[name].insert(key);
  }
  void Remove(const std::string& key) {
    const auto known = name_of_.extract(key);
    if (known.empty()) return;
    const auto keys = keys_of_.find(known.mapped());
    keys->second.erase(key);
    if (keys->second.empty()) keys_of_.erase(keys);
  }
  // Returns the keys of all that have this name; valid until one is noted or removed.
  const std::set<std::string>& Of(const std::string& name) const {
    static const std::set<std::string> kNone;
    const auto keys = keys_of_.find(name);
    return keys == keys_of_.end() ? kNone : keys->second;
  }

 private:
  std::map<std::string, std::string> name_of_;            // by key
  std::map<std::string, std::set<std::string>> keys_of_;  // by name
};

}  // namespace capmon
