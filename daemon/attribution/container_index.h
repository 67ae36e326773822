// SPDX-License-Identifier: Apache-2.0
// Maps cgroups to containers. Applies events; remembers ended containers for a while; pure.
//
// The outermost container on the path to a cgroup is charged. If the path alone does not show what
// is a container, a runtime on the host decides.
//
// Keys: "host"; "unit:NAME" for a unit, across its restarts; "CGROUP@FIRST-SEEN" for everything
// else, so that a reused cgroup id or name never means the same container.
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "daemon/attribution/cgroup_path.h"
#include "daemon/attribution/descriptions.h"
#include "daemon/attribution/keys_by_name.h"
#include "daemon/model/container.h"
#include "daemon/model/kernel_event.h"

namespace capmon {

class ContainerIndex {
 public:
  // `from` is part of `to`: its key is gone, and its evidence moves to `to`.
  struct Merge {
    std::string from;
    std::string to;
    friend bool operator==(const Merge&, const Merge&) = default;
  };
  struct Learned {
    std::string key;            // of the container the cgroup belongs to
    std::vector<Merge> merged;  // move this evidence first; mostly empty
    std::vector<CgroupId> groups =
        {};  // turned out to be no part of what was merged, but the host's
  };

  ContainerIndex();

  Learned Learn(const CgroupMade& made);
  // Ends the container if this was its own cgroup. Later checks of a removed cgroup still find its
  // container.
  void Forget(const CgroupRemoved& removed);
  // Adds a runtime's description; also stores those of containers without a cgroup yet. If cgroups
  // turn out to belong to that container, Learned has its key.
  Learned Describe(const ContainerDescribed& described);

  // Returns the container to charge for checks in a cgroup; adds one of kind kUnknown, named after
  // the id, if the path is not known. When the path becomes known, that container gets the right
  // fields under the same key, or is merged into the existing one. The reference is valid until the
  // next call that is not const.
  const Container& FindOrAdd(CgroupId cgroup, TimeNs now);

  // Returns the cgroup's path below its container's own; "" for that cgroup itself, or if unknown.
  std::string InnerPathOf(CgroupId cgroup) const;
  bool Contains(CgroupId cgroup) const { return cgroups_.contains(cgroup); }
  // Returns the live cgroups of a container, with their paths.
  std::map<CgroupId, std::string> CgroupsOf(const std::string& key) const;
  // Returns all cgroups of a container, also those removed a while ago; null if there is none.
  const std::set<CgroupId>* AllCgroupsOf(const std::string& key) const;
  // Returns live cgroups seen in checks without a known path.
  std::vector<CgroupId> Unnamed() const;

  const Container* Find(const std::string& key) const;
  // Returns the container of a cgroup, or null.
  const Container* Owner(CgroupId cgroup) const;
  // Returns the live cgroups of the host, including those that only hold containers.
  const std::set<CgroupId>& HostCgroups() const { return host_cgroups_; }
  // Increases with every event about a cgroup.
  uint64_t host_cgroups_version() const { return host_cgroups_version_; }
  std::vector<const Container*> All() const;
  // Returns and clears the keys of containers whose description may have changed; some may be gone.
  std::set<std::string> DrainChanged() { return std::exchange(changed_, {}); }
  // Restores what was known before capmond started: containers first, then their cgroups; an empty
  // path is unknown. Call before any event. `lived_in`: programs ran in the container's own cgroup.
  void Restore(const Container& container, bool lived_in);
  void Restore(CgroupId cgroup, const std::string& key, const std::string& path);
  // Drops an ended or unknown container and its cgroups; does nothing for other containers.
  void Evict(const std::string& key);

  size_t unnamed() const { return unnamed_; }  // cgroups seen in checks without a known path
  uint64_t dropped_cgroups() const { return dropped_cgroups_; }  // cgroups over the limits below
  uint64_t dropped_descriptions() const { return descriptions_.dropped(); }

  static constexpr size_t kMaxCgroups = 1 << 18;
  static constexpr size_t kMaxCgroupsPerContainer = 4096;  // live cgroups; the host is exempt
  static constexpr size_t kMaxRemovedCgroups = 1 << 16;
  static constexpr size_t kMaxGroups = 1024;
  static constexpr size_t kMaxUnnamed = 1024;  // any more share one container, "unknown"

 private:
  // A container with its cgroups. Only ContainerIndex::Edit() changes its description.
  class Entry {
   public:
    const Container& container() const { return container_; }
    Container& Edit(std::set<std::string>& changed) {
      changed.insert(container_.key);
      return container_;
    }
    void Begin(const std::string& key) { container_.key = key; }

    std::set<CgroupId> cgroups;
    size_t live_cgroups = 0;
    bool lived_in = false;  // its own cgroup had checks, so it is not only a group
    bool mixed = false;     // its evidence is of several containers and cannot be separated

   private:
    Container container_;
  };
  struct Cgroup {
    std::string key;
    size_t path_hash = 0;  // detects an id whose path changed
    std::string path;      // as IdentifyCgroup() spells it
    TimeNs made = 0;
    bool from_start = false;  // its creation was seen
    bool removed = false;
  };

  void NoteCreation(CgroupId id, Cgroup& cgroup);
  CgroupIdentity Identify(const CgroupMade& made, std::vector<Merge>& merged);
  void FindGroup(const std::string& top, std::vector<Merge>& merged);
  const Container* OuterContainer(const std::string& path, bool declared) const;
  void ApplyDescriptions(Container& container);
  void Declare(const ContainerDescribed& known, Learned& learned);
  void AddContainerFrom(const CgroupIdentity& identity, const std::vector<CgroupId>& part,
                        Learned& learned);
  void MoveCgroup(CgroupId cgroup, const std::string& key);
  void NoteHost(CgroupId cgroup, const std::string& key);
  std::string Place(const CgroupIdentity& identity, const CgroupMade& made,
                    const std::string& stand_in);
  std::string PlaceInUnit(const CgroupIdentity& identity, const CgroupMade& made);
  std::string PlaceInContainer(const CgroupIdentity& identity, const CgroupMade& made,
                               const std::string& stand_in);
  Container& Edit(Entry& entry) {
    unindexed_.insert(entry.container().key);
    return entry.Edit(changed_);
  }
  // Returns the keys of containers with this id, and of live ones at this path, if there is one.
  std::set<std::string> KeysFor(const std::string& id, const std::string& path);
  Entry& Make(const std::string& key, ContainerKind kind, TimeNs now);
  std::string NewKey(CgroupId cgroup, TimeNs now) const;
  void Attach(CgroupId cgroup, Cgroup state);
  void Detach(CgroupId cgroup);
  void End(Entry& entry, TimeNs now);
  void ReleasePath(const Container& container);  // unless a successor has it
  void Absorb(const std::string& from, const std::string& to, std::vector<Merge>& merged);
  void Erase(const std::string& key);

  std::map<std::string, Entry> entries_;  // by key
  std::set<std::string> changed_;         // keys of those edited since the last DrainChanged
  std::set<std::string> unindexed_;       // since the last KeysFor
  KeysByName ids_;
  KeysByName paths_;
  std::unordered_map<CgroupId, Cgroup> cgroups_;
  std::map<std::string, std::string> key_by_path_;  // live containers and sessions, own cgroup
  std::set<std::string> groups_;  // top-level cgroups found to hold containers; root makes them
  std::set<CgroupId> host_cgroups_;
  uint64_t host_cgroups_version_ = 1;
  std::deque<CgroupId> removed_;  // oldest first
  Descriptions descriptions_;
  size_t unnamed_ = 0;
  uint64_t dropped_cgroups_ = 0;
};

}  // namespace capmon
