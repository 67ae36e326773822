// SPDX-License-Identifier: Apache-2.0
#include <nlohmann/json.hpp>

#include "daemon/store/rows.h"

namespace capmon {
namespace {

using nlohmann::json;

// A list or map as it was written; empty when somebody else wrote there.
template <typename Value>
Value FromText(const std::string& text) {
  const json parsed = json::parse(text, nullptr, /*allow_exceptions=*/false);
  try {
    return parsed.is_discarded() ? Value() : parsed.get<Value>();
  } catch (const json::exception&) {
    return Value();
  }
}

using Profiles = std::map<std::string, Profile>;

// Rows of a container that has none of its own are passed over.
Profile* Owner(Profiles& profiles, const Statement& row) {
  const auto found = profiles.find(row.Text(0));
  return found == profiles.end() ? nullptr : &found->second;
}

void ReadContainers(Database& db, Profiles& profiles) {
  Statement row = db.Prepare("SELECT * FROM containers");
  while (row.Next()) {
    Profile p;
    Container& c = p.container;
    c.key = row.Text(0);
    c.kind = static_cast<ContainerKind>(row.Int(1));
    c.id = row.Text(2);
    c.name = row.Text(3);
    c.runtime = row.Text(4);
    c.image = row.Text(5);
    c.pod = row.Text(6);
    c.pod_namespace = row.Text(7);
    c.pod_uid = row.Text(8);
    c.workload = row.Text(9);
    c.workload_inferred = row.Int(10) != 0;
    c.description = row.Text(11);
    c.cgroup_path = row.Text(12);
    c.cgroup = row.Unsigned(13);
    c.labels = FromText<std::map<std::string, std::string>>(row.Text(14));
    c.privileged = row.Int(15) != 0;
    c.first_seen = row.Int(16);
    c.removed = row.Int(17);
    c.from_start = row.Int(18) != 0;
    c.name_source = row.Text(19);
    p.capset_permitted = CapabilitySet(row.Unsigned(20));
    p.observed_from = row.Int(21);
    p.observed_until = row.Int(22);
    p.last_news = row.Int(23);
    p.baseline = row.Int(24);
    p.starts = row.Unsigned(25);
    p.evidence_dropped = row.Unsigned(26);
    p.losses = FromText<std::map<std::string, uint64_t>>(row.Text(27));
    profiles[c.key] = std::move(p);
  }
}

CheckEvidence EvidenceIn(const Statement& row) {
  CheckEvidence e;
  e.key.capability = static_cast<Capability>(row.Int(1));
  e.key.granted = row.Int(2) != 0;
  e.key.traits = static_cast<uint16_t>(row.Int(3));
  e.key.exe_origin = static_cast<ExeOrigin>(row.Int(4));
  e.key.target_level = static_cast<uint8_t>(row.Int(5));
  e.key.exe = static_cast<uint32_t>(row.Int(6));
  e.key.site = row.Text(7);
  e.key.syscall = row.Text(8);
  e.counts = {row.Unsigned(9), row.Unsigned(10), row.Unsigned(11), row.Unsigned(12)};
  e.first = row.Int(13);
  e.last = row.Int(14);
  e.binary = row.Text(15);
  e.callers = FromText<std::vector<std::string>>(row.Text(16));
  e.stacks = FromText<std::set<std::vector<std::string>>>(row.Text(17));
  e.comm = row.Text(18);
  e.pid = static_cast<uint32_t>(row.Int(19));
  e.uid = static_cast<uint32_t>(row.Int(20));
  e.inner_cgroups = FromText<std::set<std::string>>(row.Text(21));
  return e;
}

void ReadEvidence(Database& db, Profiles& profiles) {
  Statement row = db.Prepare("SELECT * FROM evidence");
  while (row.Next()) {
    Profile* const owner = Owner(profiles, row);
    if (owner == nullptr || owner->checks.size() >= Profile::kMaxChecks) continue;
    CheckEvidence evidence = EvidenceIn(row);
    const CheckKey key = evidence.key;
    owner->checks[key] = std::move(evidence);
  }
}

HeldSets HeldIn(const Statement& row) {
  HeldSets held;
  held.permitted = CapabilitySet(row.Unsigned(1));
  held.effective = CapabilitySet(row.Unsigned(2));
  held.inheritable = CapabilitySet(row.Unsigned(3));
  held.bounding = CapabilitySet(row.Unsigned(4));
  held.ambient = CapabilitySet(row.Unsigned(5));
  held.uid = static_cast<uint32_t>(row.Int(6));
  held.no_new_privs = row.Int(7) != 0;
  held.seccomp_mode = static_cast<uint8_t>(row.Int(8));
  held.userns_level = static_cast<uint8_t>(row.Int(9));
  held.path = row.Text(10);
  held.source = row.Text(11);
  return held;
}

void ReadDetails(Database& db, Profiles& profiles) {
  const auto each = [&](const char* sql, const auto& read) {
    Statement row = db.Prepare(sql);
    while (row.Next())
      if (Profile* const owner = Owner(profiles, row)) read(*owner, row);
  };
  each("SELECT * FROM held", [](Profile& p, const Statement& row) { p.held = HeldIn(row); });
  each("SELECT * FROM granted",
       [](Profile& p, const Statement& row) { p.container.granted = HeldIn(row); });
  each("SELECT * FROM gains", [](Profile& p, const Statement& row) {
    p.gains[row.Text(1)] = {row.Text(2), row.Text(3), CapabilitySet(row.Unsigned(4)),
                            row.Int(5) != 0, row.Unsigned(6)};
  });
  each("SELECT * FROM binaries", [](Profile& p, const Statement& row) {
    p.binaries[static_cast<uint32_t>(row.Int(1))] = row.Text(2);
  });
  each("SELECT * FROM surroundings",
       [](Profile& p, const Statement& row) { p.surroundings[row.Text(1)] = row.Text(2); });
  each("SELECT * FROM gaps ORDER BY rowid", [](Profile& p, const Statement& row) {
    p.gaps.push_back({row.Int(1), row.Int(2), row.Text(3)});
  });
}

}  // namespace

MonitorState ReadState(Database& db) {
  MonitorState state;
  Profiles profiles;
  ReadContainers(db, profiles);
  ReadEvidence(db, profiles);
  ReadDetails(db, profiles);
  for (auto& [key, profile] : profiles) state.profiles.push_back(std::move(profile));
  Statement cgroup = db.Prepare("SELECT id, container, path FROM cgroups");
  while (cgroup.Next()) state.cgroups[cgroup.Unsigned(0)] = {cgroup.Text(1), cgroup.Text(2)};
  Statement time = db.Prepare("SELECT value FROM facts WHERE name = 'time'");
  if (time.Next()) state.time = time.Int(0);
  return state;
}

}  // namespace capmon
