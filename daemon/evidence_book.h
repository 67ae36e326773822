// SPDX-License-Identifier: Apache-2.0
// All evidence, by container, and the one door through which it is changed: what is changed there
// is marked, so that a store can follow without comparing. Readers get shared snapshots; evidence
// that a reader holds is copied before it is changed. Pure; the caller locks.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "daemon/monitor_changes.h"
#include "daemon/profile/profile.h"

namespace capmon {

class EvidenceBook {
 public:
  // Without `track_changes` nothing is marked, and nothing is there to drain.
  explicit EvidenceBook(bool track_changes) : track_changes_(track_changes) {}

  size_t size() const { return entries_.size(); }
  bool Contains(const std::string& key) const { return entries_.contains(key); }
  // Null when there is none. Valid until it is changed or removed.
  const Profile* Find(const std::string& key) const;
  std::vector<std::string> Keys() const;
  std::shared_ptr<const Profile> Share(const std::string& key) const;

  // The door. Each returns the evidence of a container that has some, to be changed now, and marks
  // what it is for: single numbers; one kind of check, too; all but the checks; everything.
  Profile& Edit(const std::string& key);
  Profile& EditCheck(const std::string& key, const CheckKey& check);
  Profile& EditDetails(const std::string& key);
  Profile& Replace(const std::string& key);
  // The same as Edit, for a container that may have no evidence yet.
  Profile& Open(const Container& container);
  // What the index says of a container that has evidence.
  void Describe(const Container& container);
  void Remove(const std::string& key);
  // From a store, which has it already.
  void Load(Profile profile);

  // Cgroups are persisted beside the evidence.
  void NoteCgroup(CgroupId cgroup, std::optional<CgroupPlace> place);
  void MoveCgroups(const std::string& from, const std::string& to);

  // What was marked since the last call; the time is not set.
  MonitorChanges Drain();
  // What was drained was not persisted: the next changes contain everything.
  void Rollback(MonitorChanges changes);

 private:
  struct Marks {
    std::set<CheckKey> checks;
    bool details = false;
    bool replaced = false;
  };

  struct Entry {
    std::shared_ptr<Profile> profile;
    mutable bool shared = false;  // a reader may hold it: to be copied before it is changed
  };

  Marks& Mark(const std::string& key);
  Profile& Own(const std::string& key);

  const bool track_changes_;
  std::map<std::string, Entry> entries_;  // by container key
  std::map<std::string, Marks> marks_;    // likewise
  MonitorChanges changes_;                // all of it but the profiles
  Marks ignored_;
};

}  // namespace capmon
