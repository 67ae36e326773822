// SPDX-License-Identifier: Apache-2.0
// The state machine between the source and everyone who asks: applies kernel events, knows every
// container and its evidence, raises alerts. Does no I/O and reads no clock; the caller locks.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "daemon/alert/alert_rules.h"
#include "daemon/alert/succession.h"
#include "daemon/attribution/container_index.h"
#include "daemon/ended_shares.h"
#include "daemon/evidence_book.h"
#include "daemon/model/alert.h"
#include "daemon/model/kernel_event.h"
#include "daemon/monitor_changes.h"
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

// Evidence about one container as it is now, taken under the lock and put together outside of it.
struct ProfileSnapshot {
  std::shared_ptr<const Profile> evidence;
  Container container;  // as the index has it now
  std::shared_ptr<const SourceStarted> source;
  TimeNs observed_until = 0;

  // With all that is not in the evidence itself: what everyone shares, what the runtime says.
  Profile Joined() const;
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
  // `wanted` false: nothing is put together for it.
  void OnWatch(
      WatchSink sink, std::function<bool()> wanted = [] { return true; }) {
    on_watch_ = std::move(sink);
    watch_wanted_ = std::move(wanted);
  }
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

  // Everything known, cheap to have under the lock. Running first, then by name.
  std::vector<ProfileSnapshot> Snapshots() const;
  // NOT_FOUND, or FAILED_PRECONDITION with the candidates when ambiguous.
  absl::StatusOr<ProfileSnapshot> SnapshotOf(const std::string& reference) const;
  // The same, put together at once.
  std::vector<Profile> Profiles() const;
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
  // The executed file's own capabilities are still to be read. A file that is wanted for the first
  // time counts as unread until the answer is here: apply what `unread` holds at once.
  struct FileWish {
    bool wanted = false;
    std::optional<FileRead> unread;
  };
  FileWish WishFor(const ProcessExec& exec);
  bool WantsUserMap(const ProcessExec& exec);
  // The container's root file system on the host, as far as its runtime tells; "/" of anything
  // else.
  std::string RootOf(CgroupId cgroup);
  // The key of the container that a cgroup belongs to.
  std::string KeyOf(CgroupId cgroup) { return index_.Of(cgroup, now_).key; }
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
  void Take(const FileRead& read);
  void Take(const MapUsage& usage);
  void Take(const Clock& clock);
  template <typename Event>
  void Take(const Event& event);  // the rest: charged to the cgroup's profile

  void ExpectLateAnswers(CgroupId removed, const std::string& key);
  void ShareFiles(const std::string& key);
  void ShareFiles(const std::string& from, const std::string& to);
  void ForgetUnread(const std::string& key);
  void NoteUnwatched(Profile& profile, const ChecksCounted& counted) const;
  void MoveEvidence(const std::vector<ContainerIndex::Merge>& merged);
  // The key of the container to charge; it has evidence from then on.
  std::string Charge(CgroupId cgroup, TimeNs time);
  std::string Charge(const Container& container, TimeNs time);
  // Joins what the index says of containers now with their evidence. Call after every change of
  // the index.
  void JoinDescriptions();
  void Drop(const std::string& key);
  bool IsOwn(const CheckKey& key) const {
    return own_exe_ != 0 && key.cgroup == own_cgroup_ && key.exe == own_exe_;
  }
  void Raise(Alert alert);
  void PublishPending();
  void Publish(Raised& raised);
  void EvictEnded(size_t most);
  ProfileSnapshot SnapshotOfKey(const std::string& key) const;

  const CallSites& sites_;
  Options options_;
  AlertSink on_alert_;
  WatchSink on_watch_;
  std::function<bool()> watch_wanted_;
  ContainerIndex index_;
  EvidenceBook book_;
  std::map<std::string, Raised> alerts_;     // by alert id
  std::deque<std::string> alert_order_;      // oldest first
  std::map<std::string, size_t> alerts_of_;  // how many there are of a container
  Succession succession_;
  CgroupId own_cgroup_ = 0;
  uint32_t own_exe_ = 0;
  std::shared_ptr<const SourceStarted> source_ = std::make_shared<SourceStarted>();
  TimeNs started_ = 0;
  TimeNs now_ = 0;
  TimeNs clock_ = 0;  // of the last Clock
  std::map<std::string, uint64_t> lost_;
  MapUsage usage_;
  EndedShares ended_;
  // Containers with files that could not be read: keys by image, and, as answers come late, by
  // removed cgroup.
  std::map<std::string, std::set<std::string>> unread_;
  std::map<CgroupId, std::string> late_;
  TimeNs watched_from_ = 0;  // system calls are watched since; 0: they are not
  uint64_t checks_ = 0;
  uint64_t evicted_containers_ = 0;
  uint64_t evicted_alerts_ = 0;
  uint64_t merged_alerts_ = 0;
};

}  // namespace capmon
