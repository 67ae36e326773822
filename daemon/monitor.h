// SPDX-License-Identifier: Apache-2.0
// Applies kernel events: knows every container and its evidence, raises alerts, answers queries.
// Does no I/O and reads no clock; the caller locks.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "daemon/alert/alert_rules.h"
#include "daemon/alert/exceptions.h"
#include "daemon/alert/rules/sequences.h"
#include "daemon/alert/succession.h"
#include "daemon/alert/volume.h"
#include "daemon/attribution/container_index.h"
#include "daemon/attribution/container_reference.h"
#include "daemon/attribution/keys_by_name.h"
#include "daemon/call_watch.h"
#include "daemon/ended_shares.h"
#include "daemon/evidence_book.h"
#include "daemon/model/alert.h"
#include "daemon/model/kernel_event.h"
#include "daemon/monitor_changes.h"
#include "daemon/monitor_workloads.h"
#include "daemon/profile/call_sites.h"
#include "daemon/profile/profile.h"
#include "daemon/profile/verdict.h"

namespace capmon {

// One increment of evidence, for viewers.
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
  std::map<std::string, uint64_t> largest;  // entries in the counter map, by container name
  std::map<Verdict, uint64_t> checks;       // counted since the start
  std::map<ContainerKind, uint64_t> running, ended;
  // The containers with the most losses, at most kMostLosing: names, and losses by cause.
  std::vector<std::pair<std::string, std::map<std::string, uint64_t>>> losing;

  static constexpr size_t kMostLosing = 20;
};

class Monitor {
 public:
  struct Options {
    TimeNs baseline_after = 0;  // 0: only by BaselineSet
    // Over the limit, ended ones are evicted, from the largest share first.
    size_t max_containers = 4096;
    size_t max_folded = 10'000;  // folded profiles of evicted ones, likewise
    size_t max_alerts = 4096;
    TimeNs keep_alerts_for = 30LL * 24 * 3600 * kSecond;  // after their last check
    bool track_changes = false;                           // for DrainChanges()
    TimeNs stable_after = JudgeOptions().stable_after;
    CompleteWhen complete = {};
  };

  Monitor(const CallSites& sites, Options options);

  // Called from Apply with the results of an event; either may be empty.
  using AlertSink = std::function<void(const Alert&)>;
  using WatchSink = std::function<void(const WatchedEvent&)>;
  void OnAlert(AlertSink sink) { on_alert_ = std::move(sink); }
  // While `wanted` is false, no watched events are built.
  void OnWatch(
      WatchSink sink, std::function<bool()> wanted = [] { return true; }) {
    on_watch_ = std::move(sink);
    watch_wanted_ = std::move(wanted);
  }
  // Sets capmond's own cgroup and executable, which never raise an alert.
  void SetOwn(CgroupId cgroup, uint32_t exe) {
    own_cgroup_ = cgroup;
    own_exe_ = exe;
  }

  void Apply(const KernelEvent& event);
  // Publishes alerts that are held back; call at the end.
  void Flush();
  // Running containers whose evidence is younger, to decide whether system calls are watched.
  std::vector<YoungContainer> Young(TimeNs younger_than) const;
  // True while some container is idle since its start.
  bool AwaitsUse() const;
  // Whether a container with a baseline made a kind of check since the last call that it had not
  // made, or not often: once its counter is read, that may be an alert.
  bool TakeAlertMayCome() { return std::exchange(alert_may_come_, false); }

  // All containers: running first, then by name. Cheap under the lock.
  // Profiles into which evicted containers were folded only with `folded`.
  std::vector<ProfileSnapshot> Snapshots(bool folded = false) const;
  // NOT_FOUND, or FAILED_PRECONDITION with the candidates of an ambiguous reference. Also takes the
  // key of a folded profile.
  absl::StatusOr<ProfileSnapshot> SnapshotOf(const std::string& reference) const;
  // Returns the referenced workload with all its instances; with `instance`, or where it means
  // one container, that container as a workload with one instance. Fails as SnapshotOf() does.
  absl::StatusOr<WorkloadSnapshot> WorkloadOf(const std::string& reference, bool instance) const;
  // Returns the cgroups with evidence of what the reference means; nothing if that is not known.
  std::optional<std::set<CgroupId>> CgroupsOf(const std::string& reference) const;
  // Returns what people approved, by workload, without the uses.
  std::map<std::string, ApprovedNeeds> Approved() const;
  // Returns a person's approval of a workload; nothing without one.
  std::optional<Approval> ApprovalOf(const std::string& workload) const;
  bool CanApprove(const std::string& workload) const {
    return approvals_.contains(workload) || approvals_.size() < kMaxApprovals;
  }
  // Returns all that was imported; and how many rows of one workload.
  std::shared_ptr<const ImportedRows> Imported() const;
  size_t ImportedRowsOf(const std::string& workload) const;
  // Returns the workloads with proofs of which something is known here, by name.
  ProvenWorkloads Proven() const;
  // Returns what is proven, by workload; and of one, null if nothing is.
  const SharedProofs& AllProofs() const { return proofs_; }
  std::shared_ptr<const Proofs> ProofsOf(const std::string& workload) const;
  // Returns the uses that are normal for a workload now.
  std::set<std::string> NormalUsesOf(const std::string& workload) const;
  // The joined snapshots.
  std::vector<Profile> Profiles() const;
  absl::StatusOr<Profile> Find(const std::string& reference) const;
  // Returns the key of the referenced container, for events. Fails as SnapshotOf() does.
  absl::StatusOr<std::string> KeyOf(const std::string& reference) const;
  // Returns the profile of a key; nothing if the container is gone.
  std::optional<Profile> Get(const std::string& key) const;
  // Oldest first.
  std::vector<Alert> PastAlerts() const;
  void SetVolumeLimits(const VolumeLimits& limits) { volume_.SetLimits(limits); }
  void SetExceptions(const std::vector<AlertException>& exceptions) { exceptions_.Set(exceptions); }
  const std::vector<AlertExceptions::Counted>& exceptions() const { return exceptions_.all(); }
  // Keeps what was read about the process of an alert that was published.
  void NoteDetails(const Alert& detailed);
  // Raises an alert when capmond begins not to see; `reason`: why, "" when it sees.
  void NoteHealth(const std::string& reason);
  MonitorStatus Status() const;

  // Returns and clears the changes since the last call.
  MonitorChanges DrainChanges();
  // Takes back drained changes that were not persisted: the next ones contain everything.
  void Rollback(MonitorChanges changes);
  // Continues from a persisted state. Call before any event.
  void Restore(MonitorState state);
  // Adds a time without counting to every live container.
  void NoteGap(const Gap& gap);
  // A file whose capabilities must be read. On its first exec a file counts as unread until the
  // answer arrives: apply `unread` at once.
  struct FileWish {
    bool wanted = false;
    std::optional<FileRead> unread;
  };
  FileWish WishFor(const ProcessExec& exec);
  bool WantsUserMap(const ProcessExec& exec);
  // Returns the container's root file system on the host, if its runtime reports it; "/" for
  // anything but a container.
  std::string RootOf(CgroupId cgroup);
  // Returns the key of the container that a cgroup belongs to.
  std::string KeyOf(CgroupId cgroup) { return index_.FindOrAdd(cgroup, now_).key; }
  // Returns whether checks in the cgroup can be charged to a container with a name.
  bool CanAttribute(CgroupId cgroup);
  // Returns the cgroups that only hold containers if they may have changed since `version`, and
  // updates it; 0 is older than any.
  std::optional<std::set<CgroupId>> GroupsSince(uint64_t& version) const;
  // Returns cgroups seen in checks without a known path.
  std::vector<CgroupId> UnnamedCgroups() const { return index_.Unnamed(); }
  const CallSites& sites() const { return sites_; }
  TimeNs stable_after() const { return options_.stable_after; }
  CompleteWhen complete() const { return options_.complete; }

 private:
  // One alert and its repetitions; changes are published with the next clock event.
  struct Raised {
    Alert alert;
    TimeNs tried = 0;  // to publish it
    bool pending = false;
    TimeNs noted = 0;  // as changed, for the store
  };

  void On(const SourceStarted& started);
  void On(const CgroupMade& made);
  void On(const CgroupRemoved& removed);
  void On(const ChecksCounted& counted);
  void On(const CheckSampled& sampled);
  void On(const ProcessExec& exec);
  void On(const CapabilitiesSet& set);
  void On(const ContainerDescribed& described);
  void On(const RowImported& imported);
  void On(const ProofRecorded& recorded);
  void On(const ProfileReset& reset);
  void On(const BaselineSet& set);
  void On(const WorkloadApproved& approved);
  void On(const EvidenceLost& lost);
  void On(const DataRead& read);
  void On(const FileRead& read);
  void On(const MapUsage& usage);
  void On(const Tick& tick);
  // Gives a baseline to the containers that are old enough.
  void SetBaselines();
  static constexpr size_t kMaxFoldedOfOne = 16;  // of one workload: versions, and differing facts

  template <typename Event>
  void On(const Event& event);  // the rest: charged to the profile of the cgroup

  void ExpectLateAnswers(CgroupId removed, const std::string& key);
  void ShareFiles(const std::string& key);
  void ShareFiles(const std::string& from, const std::string& to);
  void ForgetUnread(const std::string& key);
  void NoteUnwatched(Profile& profile, const ChecksCounted& counted) const;
  void MoveEvidence(const std::vector<ContainerIndex::Merge>& merged);
  // Returns the key of the container to charge, which has evidence from then on.
  std::string Charge(CgroupId cgroup, TimeNs time);
  std::string Charge(const Container& container, TimeNs time);
  // Notes a container, or what is known of it now, where others look for it.
  void NoteInstance(const Container& container);
  // Joins descriptions of the index with the evidence. Call after every change of the index.
  void JoinDescriptions(bool inherit = true);
  void Drop(const std::string& key);
  bool IsOwn(const CheckKey& key) const {
    return own_exe_ != 0 && key.cgroup == own_cgroup_ && key.exe == own_exe_;
  }
  // Gives a container what is normal for its workload, or was for one that it succeeds, from its
  // first moment on, and raises alerts for what it has done since.
  void InheritBaseline(const std::string& key);
  bool InheritFromWorkload(Profile& fresh) const;
  ImportedRows& EditImported();
  bool HasRoomFor(const ImportedKey& key) const;
  void ForgetProofs(const std::string& workload);
  size_t CountProofs() const;
  ApprovedNeeds NeedsOf(const std::string& workload) const;
  std::optional<std::set<std::string>> NormalOf(const std::string& workload, bool all) const;
  // Raises what the rules find in an event; call before the profile learns an exec or a set.
  void RaiseFor(Profile& profile, const JudgedEvidence& judged, TimeNs time);
  void RaiseFor(Profile& profile, const ProcessExec& exec);
  void RaiseFor(Profile& profile, const CapabilitiesSet& set);
  // Looks at one running container every few seconds, and at each once a day at most.
  void RaisePosture();
  void Raise(std::optional<Alert> alert);
  void Raise(Alert alert);
  void Complete(Alert& alert) const;
  void Store(Alert alert);
  void NoteChanged(Raised& raised);
  void Forget(const std::string& id);
  void ForgetOld();
  void RestoreAlerts(std::vector<Alert> alerts);
  void DrainAlerts(MonitorChanges& changes);
  void PublishPending();
  void Publish(Raised& raised);
  void EvictEnded(size_t most);
  // Folds an ended container's evidence into its workload's.
  void FoldAway(const std::string& key);
  void NoteFolded(const std::string& workload, const Container& container);
  void BoundFolded(const std::string& workload);
  void DropFolded(const std::string& workload, const std::string& key);
  // Folded profiles last.
  std::vector<const Profile*> InstancesOf(const std::string& workload) const;
  std::optional<WorkloadSnapshot> InstancesAsOne(const std::string& name) const;
  bool IsFullName(const std::string& reference) const;
  absl::StatusOr<Referred> Refer(const std::string& reference) const;
  ProfileSnapshot SnapshotOfKey(const std::string& key) const;

  const CallSites& sites_;
  Options options_;
  AlertSink on_alert_;
  WatchSink on_watch_;
  std::function<bool()> watch_wanted_;
  ContainerIndex index_;
  EvidenceBook book_;
  std::set<std::string> without_baseline_;   // keys; some may have one by now, or be gone
  std::map<std::string, Raised> alerts_;     // by alert id
  std::deque<std::string> alert_order_;      // oldest first
  std::map<std::string, size_t> alerts_of_;  // the number of recent alerts per container
  std::set<std::string> changed_alerts_;     // since the last drain; ids
  TimeNs forgotten_at_ = 0;                  // the last time that old alerts were
  AlertSequences sequences_;
  AlertExceptions exceptions_;
  AlertVolume volume_;
  std::string unhealthy_;
  std::string looked_at_;  // the key of the last container of which the posture was
  TimeNs looked_ = 0;
  Succession succession_;
  std::map<std::string, Approval> approvals_;  // by workload
  std::shared_ptr<ImportedRows> imported_ = std::make_shared<ImportedRows>();
  mutable bool imported_shared_ = false;  // a reader may hold it
  SharedProofs proofs_;
  uint64_t last_proof_ = 0;  // Proof::sequence
  InstanceIndex instances_;
  KeysByName images_;                                    // keys of containers by image
  std::map<std::string, std::set<std::string>> folded_;  // keys of folded profiles, by workload
  EndedShares folded_shares_;
  CgroupId own_cgroup_ = 0;
  uint32_t own_exe_ = 0;
  std::shared_ptr<const SourceStarted> source_ = std::make_shared<SourceStarted>();
  TimeNs started_ = 0;
  TimeNs now_ = 0;
  TimeNs clock_ = 0;  // of the last Tick event
  std::map<std::string, uint64_t> lost_;
  MapUsage usage_;
  EndedShares ended_;
  // Containers with unread files: keys by image, and by removed cgroup, because answers may be
  // late.
  std::map<std::string, std::set<std::string>> unread_;
  std::map<CgroupId, std::string> late_;
  TimeNs watched_from_ = 0;  // results of system calls are recorded since; 0: they are not
  uint64_t checks_ = 0;
  std::map<Verdict, uint64_t> checks_of_;
  uint64_t evicted_containers_ = 0;
  uint64_t unfolded_containers_ = 0;  // evicted, and of no workload
  uint64_t evicted_folded_ = 0;
  uint64_t evicted_alerts_ = 0;
  uint64_t merged_alerts_ = 0;
  uint64_t dropped_imports_ = 0;
  uint64_t evicted_proofs_ = 0;
  bool alert_may_come_ = false;
};

}  // namespace capmon
