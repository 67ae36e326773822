// SPDX-License-Identifier: Apache-2.0
// Which container a cgroup belongs to. Fed by events, remembers the dead for a while; pure.
//
// The outermost container on the way to a cgroup is charged. Where a path alone leaves it open what
// is a container, the word of a runtime on the host decides.
//
// Keys: "host"; "unit:NAME" for a unit, across its restarts; "CGROUP@FIRST-SEEN" for everything
// else, so that neither a reused cgroup id nor a reused name is ever the same container.
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
#include "daemon/model/container.h"
#include "daemon/model/kernel_event.h"

namespace capmon {

class ContainerIndex {
 public:
  // `from` turned out to be part of `to`: its key is gone, its evidence is to be moved.
  struct Merge {
    std::string from;
    std::string to;
    friend bool operator==(const Merge&, const Merge&) = default;
  };
  struct Learned {
    std::string key;            // of the container the cgroup belongs to
    std::vector<Merge> merged;  // move their evidence before anything else; mostly empty
    std::vector<CgroupId> groups =
        {};  // turned out to be no part of what was merged, but the host's
  };

  ContainerIndex();

  Learned Learn(const CgroupMade& made);
  // Marks the container ended when its own cgroup goes; inner cgroups just go. Late checks of a
  // removed cgroup still find its container.
  void Forget(const CgroupRemoved& removed);
  // Adds a runtime's description; stored also for containers without a cgroup yet. When it turns
  // out that cgroups belong to that container, they do from now on; only then Learned has a key.
  Learned Describe(const ContainerDescribed& described);

  // The container to charge a cgroup's checks to. Never fails: a cgroup without a known path gets
  // a container of kind kUnknown named after its id. When the path is learned later, that turns
  // into the right one (same key, new fields), or is merged into the one that is there already.
  // The reference holds until the next call that is not const.
  const Container& Of(CgroupId cgroup, TimeNs now);

  // The cgroup's path below its container's own, "" for that itself or when not known.
  std::string InnerPathOf(CgroupId cgroup) const;
  bool Knows(CgroupId cgroup) const { return cgroups_.contains(cgroup); }
  // The live cgroups of a container, with their paths.
  std::map<CgroupId, std::string> CgroupsOf(const std::string& key) const;
  // Live cgroups seen in checks whose path is not known.
  std::vector<CgroupId> Unnamed() const;

  const Container* Find(const std::string& key) const;
  // The container of a cgroup; null when nothing is known of it.
  const Container* Owner(CgroupId cgroup) const;
  // The host's own living cgroups: those that hold containers and are none, among others.
  const std::set<CgroupId>& HostCgroups() const { return host_cgroups_; }
  // Grows with every event about a cgroup, whether or not it changes the host's.
  uint64_t host_cgroups_version() const { return host_cgroups_version_; }
  std::vector<const Container*> All() const;
  // Keys of the containers whose description may have changed since the last call; some are gone.
  std::set<std::string> DrainChanged() { return std::exchange(changed_, {}); }
  // What was known before capmond started: containers first, then the cgroups that are theirs; an
  // empty path is one not known. Before anything is learned. `lived_in`: programs ran there.
  void Restore(const Container& container, bool lived_in);
  void Restore(CgroupId cgroup, const std::string& key, const std::string& path);
  // Drops an ended or unknown container and its cgroups; leaves any other alone.
  void Evict(const std::string& key);

  size_t unnamed() const { return unnamed_; }  // cgroups seen in checks whose path is not known
  uint64_t dropped_cgroups() const { return dropped_cgroups_; }  // over a limit below
  uint64_t dropped_descriptions() const { return descriptions_.dropped(); }

  static constexpr size_t kMaxCgroups = 1 << 18;
  static constexpr size_t kMaxCgroupsPerContainer = 4096;  // live ones; the host is exempt
  static constexpr size_t kMaxRemovedCgroups = 1 << 16;
  static constexpr size_t kMaxGroups = 1024;
  static constexpr size_t kMaxUnnamed = 1024;  // any more share one container, "unknown"

 private:
  // A container with what is its own. Its description is changed through ContainerIndex::Edit()
  // alone.
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
    bool lived_in = false;  // its own cgroup had checks, so it does not merely group others
    bool mixed = false;     // its evidence is of several containers that cannot be separated

   private:
    Container container_;
  };
  struct Cgroup {
    std::string key;
    size_t path_hash = 0;  // detects that an id names another path now
    std::string path;      // as IdentifyCgroup() spells it
    TimeNs made = 0;
    bool from_start = false;  // it was seen being made
    bool removed = false;
  };

  CgroupIdentity Identify(const CgroupMade& made, std::vector<Merge>& merged);
  void FindGroup(const std::string& top, std::vector<Merge>& merged);
  const Container* OuterContainer(const std::string& path, bool declared) const;
  void Declare(const ContainerDescribed& known, Learned& learned);
  void Settle(const CgroupIdentity& identity, const std::vector<CgroupId>& part, Learned& learned);
  void Hand(CgroupId cgroup, const std::string& key);
  void NoteHost(CgroupId cgroup, const std::string& key);
  std::string Place(const CgroupIdentity& identity, const CgroupMade& made,
                    const std::string& stand_in);
  std::string PlaceInUnit(const CgroupIdentity& identity, const CgroupMade& made);
  std::string PlaceInContainer(const CgroupIdentity& identity, const CgroupMade& made,
                               const std::string& stand_in);
  Container& Edit(Entry& entry) { return entry.Edit(changed_); }
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
