// SPDX-License-Identifier: Apache-2.0
// All evidence, by container. Every change goes through this class, which marks it, so that a store
// can write changes without comparing. Readers get shared snapshots; evidence that a reader holds
// is copied before a change. Pure; the caller locks.
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
  // Without `track_changes` nothing is marked, and Drain() returns nothing.
  explicit EvidenceBook(bool track_changes) : track_changes_(track_changes) {}

  size_t size() const { return entries_.size(); }
  bool Contains(const std::string& key) const { return entries_.contains(key); }
  // Null if there is none. Valid until it is changed or removed.
  const Profile* Find(const std::string& key) const;
  std::vector<std::string> Keys() const;
  // Returns the next key in their order, the first one after the last; nothing if there is none.
  std::optional<std::string> KeyAfter(const std::string& key) const;
  // Returns whether any profile fits; copies nothing.
  bool Any(const auto& fits) const {
    for (const auto& [key, entry] : entries_)
      if (fits(*entry.profile)) return true;
    return false;
  }
  void ForEach(const auto& visit) const {
    for (const auto& [key, entry] : entries_) visit(*entry.profile);
  }
  std::shared_ptr<const Profile> Share(const std::string& key) const;

  // Return the evidence of a container that has some, to be changed at once, and mark: single
  // numbers; also one kind of check; everything but the checks; everything.
  Profile& Edit(const std::string& key);
  Profile& EditCheck(const std::string& key, const CheckKey& check);
  Profile& EditDetails(const std::string& key);
  Profile& Replace(const std::string& key);
  // Like Edit, for a container that may have no evidence yet.
  Profile& Open(const Container& container);
  // Updates the description of a container that has evidence.
  void Describe(const Container& container);
  void Remove(const std::string& key);
  // Adds a profile from the store, which is not marked.
  void Load(Profile profile);

  // Marks a cgroup: cgroups are persisted beside the evidence.
  void NoteCgroup(CgroupId cgroup, std::optional<CgroupPlace> place);
  void MoveCgroups(const std::string& from, const std::string& to);

  void NoteApproval(const std::string& workload, std::optional<Approval> approval);
  void NoteImported(const ImportedKey& key, std::optional<ImportedRow> row);
  void NoteProof(const ProofKey& key, std::optional<Proof> proof);

  // Returns and clears the marks; does not set the time.
  MonitorChanges Drain();
  // Marks everything, because the drained changes were not persisted.
  void Rollback(MonitorChanges changes);

 private:
  struct Marks {
    std::set<CheckKey> checks;
    bool details = false;
    bool replaced = false;
  };

  struct Entry {
    std::shared_ptr<Profile> profile;
    mutable bool shared = false;  // a reader may hold it: copied before a change
  };

  Marks& Mark(const std::string& key);
  Profile& Own(const std::string& key);

  const bool track_changes_;
  std::map<std::string, Entry> entries_;  // by container key
  std::map<std::string, Marks> marks_;    // likewise
  MonitorChanges changes_;                // all changes except profiles
  Marks ignored_;
};

}  // namespace capmon
