// SPDX-License-Identifier: Apache-2.0
// What a reader gets of a workload: its instances, by version of the image. Values, taken under the
// monitor's lock and put together outside of it. Pure.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "daemon/attribution/keys_by_name.h"
#include "daemon/attribution/workload_identity.h"
#include "daemon/model/kernel_event.h"
#include "daemon/profile/completeness.h"
#include "daemon/profile/imported.h"
#include "daemon/profile/profile.h"
#include "daemon/profile/proof.h"

namespace capmon {

// Evidence about one container as it is now, taken under the lock and put together outside of it.
struct ProfileSnapshot {
  std::shared_ptr<const Profile> evidence;
  Container container;  // as the index has it now
  std::shared_ptr<const SourceStarted> source;
  TimeNs observed_until = 0;

  // With all that is not in the evidence itself: what everyone shares, what the runtime says.
  Profile Joined() const;
  // It stands for evicted instances.
  bool folded() const { return evidence->folded.instances > 0; }
};

// Which containers are instances of which workload.
class InstanceIndex {
 public:
  // Notes a container, or what is known of it now.
  void Note(const Container& container);
  void Remove(const std::string& key) { keys_.Remove(key); }
  const std::set<std::string>& Of(const std::string& workload) const { return keys_.Of(workload); }

 private:
  KeysByName keys_;
};

// The instances of one image.
struct WorkloadVersion {
  std::string digest;                      // "" where no runtime gave one
  std::vector<ProfileSnapshot> instances;  // running first, then the newest, folded ones last
  TimeNs newest = 0;                       // when the last of them was started

  bool runs() const { return instances.front().container.removed == 0; }
};

// By workload. Readers share them: they are replaced and never changed.
using SharedProofs = std::map<std::string, std::shared_ptr<const Proofs>>;

struct WorkloadSnapshot {
  std::optional<WorkloadIdentity> identity;
  // Those with running instances first, then the newest; never empty. Instances of which the image
  // is not known are in the newest: a need of theirs may be one of it.
  std::vector<WorkloadVersion> versions;
  uint64_t of_unknown_image = 0;  // so many, where others have a known one
  std::optional<ApprovedNeeds> approved;
  std::shared_ptr<const ImportedRows> imported;  // of all workloads; null: not taken
  std::shared_ptr<const Proofs> proofs;          // null: there are none
  // Of one container of a workload with proofs: that workload with every instance, by which it is
  // decided which of the proofs hold. Null: these are all.
  std::shared_ptr<const WorkloadSnapshot> whole;

  std::string name() const { return identity ? Print(identity->workload) : ""; }
  // Returns the imported rows that may be of the image of a version.
  std::vector<const ImportedEntry*> ImportedOf(size_t version) const;
  // Returns the instances of all images, to recognise them in what was imported.
  SeenHere Seen() const;
};

// Workloads with proofs, with every instance; by name.
using ProvenWorkloads = std::map<std::string, std::shared_ptr<const WorkloadSnapshot>>;

// Returns one container as a workload with one instance, with what is proven of it.
WorkloadSnapshot OneOf(const ProfileSnapshot& instance, const ProvenWorkloads& proven);

// Orders the instances of one workload, of which there is one at least.
WorkloadSnapshot ByVersion(std::optional<WorkloadIdentity> identity,
                           std::vector<ProfileSnapshot> instances);

// Every workload, the containers that have none each by itself; in the order of the first instance
// of each in `all`.
std::vector<WorkloadSnapshot> ByWorkload(const std::vector<ProfileSnapshot>& all);

}  // namespace capmon
