// SPDX-License-Identifier: Apache-2.0
// The state machine between the source and everyone who asks: applies kernel events, knows every
// container and its evidence, raises alerts. Does no I/O and reads no clock; the caller locks.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "daemon/alert/alert_rules.h"
#include "daemon/alert/succession.h"
#include "daemon/attribution/container_index.h"
#include "daemon/ended_shares.h"
#include "daemon/model/alert.h"
#include "daemon/model/kernel_event.h"
#include "daemon/profile/call_sites.h"
#include "daemon/profile/profile.h"
#include "daemon/profile/verdict.h"

namespace capmon {

// One piece of fresh evidence, for live viewers.
struct WatchedEvent {
  TimeNs time = 0;
  Container container;
  JudgedEvidence evidence;  // counts are the increment
};

struct MonitorStatus {
  SourceStarted source;
  TimeNs started = 0;
  std::map<std::string, uint64_t> lost;
  std::map<std::string, uint64_t> counters;
  std::map<std::string, uint64_t> largest;  // name of a container: its entries of the map
  // Names of the containers that lost most, at most kMostLosing, and what, by cause.
  std::vector<std::pair<std::string, std::map<std::string, uint64_t>>> losing;

  static constexpr size_t kMostLosing = 20;
};

// Where a cgroup belongs: a container's key, and the path if that is known.
struct CgroupPlace {
  std::string container;
  std::string path;

  friend bool operator==(const CgroupPlace&, const CgroupPlace&) = default;
};

// All that must live on when capmond does not.
struct MonitorState {
  std::vector<Profile> profiles;
  std::map<CgroupId, CgroupPlace> cgroups;
  TimeNs time = 0;  // nothing later is in it
};

// What to write so that a state kept elsewhere is this one again.
struct MonitorChanges {
  struct Changed {
    Profile profile;       // of its checks only those that changed
    bool details = false;  // anything but the checks, the container and single numbers changed, too
    bool replaced = false;  // checks that are not here are gone
  };
  bool whole = false;  // these are all profiles there are: forget every other
  std::vector<Changed> profiles;
  std::vector<std::string> gone;                           // keys of containers
  std::map<std::string, std::string> moved;                // the cgroups of one are another's now
  std::map<CgroupId, std::optional<CgroupPlace>> cgroups;  // nothing: removed
  TimeNs time = 0;
};

class Monitor {
 public:
  struct Options {
    TimeNs baseline_after = 0;     // 0: only by BaselineSet
    size_t max_containers = 4096;  // ended ones are evicted, of the largest share first
    size_t max_alerts = 1024;
    bool track_changes = false;  // for DrainChanges
    TimeNs stable_after = JudgeOptions().stable_after;
  };

  Monitor(const CallSites& sites, Options options);

  // Called from Apply with what an event led to; either may be empty.
  using AlertSink = std::function<void(const Alert&)>;
  using WatchSink = std::function<void(const WatchedEvent&)>;
  void OnAlert(AlertSink sink) { on_alert_ = std::move(sink); }
  void OnWatch(WatchSink sink) { on_watch_ = std::move(sink); }
  // capmond itself, in its own cgroup: it never raises an alert.
  void SetOwn(CgroupId cgroup, uint32_t exe) {
    own_cgroup_ = cgroup;
    own_exe_ = exe;
  }

  void Apply(const KernelEvent& event);
  // Publishes alerts still held back; for the end.
  void Flush();
  // Some container is still being learned: its evidence is young.
  bool IsLearning(TimeNs younger_than) const;

  // Copies out everything known. Running first, then by name.
  std::vector<Profile> Profiles() const;
  // NOT_FOUND, or FAILED_PRECONDITION with the candidates when ambiguous.
  absl::StatusOr<Profile> Find(const std::string& reference) const;
  // The key of the same, for events that name a container. Fails as Find() does.
  absl::StatusOr<std::string> KeyOf(const std::string& reference) const;
  // By its key; nothing when there is no such container any more.
  std::optional<Profile> Get(const std::string& key) const;
  std::vector<Alert> PastAlerts() const;
  MonitorStatus Status() const;

  // What changed since the last call.
  MonitorChanges DrainChanges();
  // What was drained was not persisted: the next changes contain everything.
  void Rollback(MonitorChanges changes);
  // Before any event: goes on from a state kept elsewhere.
  void Restore(MonitorState state);
  // Nobody watched for a while; this is told to every container still there.
  void NoteGap(const Gap& gap);
  // The executed file's own capabilities are still to be read.
  bool WantsFile(const ProcessExec& exec);
  // The container's root file system on the host, as far as its runtime tells; "/" of anything
  // else.
  std::string RootOf(CgroupId cgroup);
  // Whether the checks of a cgroup can be charged to somebody who has a name.
  bool CanAttribute(CgroupId cgroup);
  // Cgroups that hold containers and are none, if there may be others than at `version`, which is
  // brought up to date; 0 is older than any.
  std::optional<std::set<CgroupId>> GroupsSince(uint64_t& version) const;
  // Cgroups seen in checks whose path is not known yet.
  std::vector<CgroupId> UnnamedCgroups() const { return index_.Unnamed(); }
  const CallSites& sites() const { return sites_; }
  TimeNs stable_after() const { return options_.stable_after; }

 private:
  // A running series of one alert; what is not yet published waits for the next clock.
  struct Raised {
    Alert alert;
    TimeNs published = 0;
    bool pending = false;
  };

  // What of a profile changed.
  struct Touched {
    std::set<CheckKey> checks;
    bool details = false;
    bool replaced = false;
  };

  void Take(const SourceStarted& started);
  void Take(const CgroupMade& made);
  void Take(const CgroupRemoved& removed);
  void Take(const ChecksCounted& counted);
  void Take(const CheckSampled& sampled);
  void Take(const ProcessExec& exec);
  void Take(const ContainerDescribed& described);
  void Take(const ProfileReset& reset);
  void Take(const BaselineSet& set);
  void Take(const EvidenceLost& lost);
  void Take(const MapUsage& usage);
  void Take(const Clock& clock);
  template <typename Event>
  void Take(const Event& event);  // the rest: charged to the cgroup's profile

  void MoveEvidence(const std::vector<ContainerIndex::Merge>& merged);
  Profile& ProfileOf(CgroupId cgroup, TimeNs time);
  Touched* Touch(const std::string& key);  // null: nobody wants to know
  void TouchCheck(const Profile& profile, const CheckKey& key);
  void TouchDetails(const std::string& key);
  void TouchAll(const std::string& key);
  void NoteCgroup(CgroupId cgroup, std::optional<CgroupPlace> place);
  void MoveCgroups(const std::string& from, const std::string& to);
  void Drop(const std::string& key);
  Profile& ProfileOf(const Container& container, TimeNs time);
  bool IsOwn(const CheckKey& key) const {
    return own_exe_ != 0 && key.cgroup == own_cgroup_ && key.exe == own_exe_;
  }
  void Raise(Alert alert);
  void PublishPending();
  void Publish(Raised& raised);
  void NoteEnded(const Container& container);
  void EvictEnded(size_t most);
  Profile Finished(const Profile& profile) const;

  const CallSites& sites_;
  Options options_;
  AlertSink on_alert_;
  WatchSink on_watch_;
  ContainerIndex index_;
  std::map<std::string, Profile> profiles_;  // by container key
  std::map<std::string, Raised> alerts_;     // by alert id
  std::deque<std::string> alert_order_;      // oldest first
  std::map<std::string, size_t> alerts_of_;  // how many there are of a container
  Succession succession_;
  CgroupId own_cgroup_ = 0;
  uint32_t own_exe_ = 0;
  SourceStarted source_;
  TimeNs started_ = 0;
  TimeNs now_ = 0;
  std::map<std::string, uint64_t> lost_;
  MapUsage usage_;
  EndedShares ended_;
  std::map<std::string, Touched> touched_;  // by container key
  MonitorChanges changes_;                  // all of it but the profiles
  uint64_t checks_ = 0;
  uint64_t evicted_containers_ = 0;
  uint64_t evicted_alerts_ = 0;
  uint64_t merged_alerts_ = 0;
};

}  // namespace capmon
