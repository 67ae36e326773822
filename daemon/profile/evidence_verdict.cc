// SPDX-License-Identifier: Apache-2.0
#include "daemon/profile/evidence_verdict.h"

#include <fmt/format.h>
#include <linux/capability.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

#include "daemon/model/capability_facts.h"
#include "daemon/profile/constraints.h"
#include "daemon/profile/gates.h"
#include "daemon/profile/outcome.h"
#include "daemon/profile/sentence.h"

namespace capmon {
namespace {

// System calls that make or enlarge memory maps: with SYS_ADMIN and no known site it is the
// overcommit test, which is asked of everyone and only matters to the last megabytes of a machine.
bool IsMemoryCall(std::string_view syscall) {
  static constexpr std::array<std::string_view, 15> kCalls = {
      "brk",    "clone", "clone3",   "execve",     "execveat", "fork",  "madvise",         "mmap",
      "mremap", "shmat", "mprotect", "page_fault", "vfork",    "mmap2", "remap_file_pages"};
  return std::find(kCalls.begin(), kCalls.end(), syscall) != kCalls.end();
}

// chmod(2) and the like: the kernel side marks those whose mode has no set-group-ID bit to lose.
bool SetsModes(const std::string& syscall) {
  return syscall == "chmod" || syscall == "fchmod" || syscall == "fchmodat" ||
         syscall == "fchmodat2";
}

// setuid(2), setgid(2): those to an id the task already has are marked; the others need it.
bool SettledByOperand(const CheckKey& key) {
  return (key.syscall == "setuid" || key.syscall == "setgid") && !key.Is(kCompat) &&
         key.target_level == 0;
}

CapabilitySet SetOf(const std::vector<Capability>& members) {
  CapabilitySet set;
  for (const Capability member : members) set.Add(member);
  return set;
}

bool SamePlace(const CheckKey& a, const CheckKey& b) {
  return a.exe_origin == b.exe_origin && a.target_level == b.target_level &&
         a.cred_depth == b.cred_depth && a.exe == b.exe && a.site == b.site &&
         a.syscall == b.syscall;
}

// How often `capability` got this answer where, and to whom, `key` got its own.
uint64_t CountAt(const Profile& profile, const CheckKey& key, Capability capability, bool granted) {
  CheckKey from;
  from.capability = capability;
  from.granted = granted;
  uint64_t count = 0;
  for (auto it = profile.checks.lower_bound(from); it != profile.checks.end(); ++it) {
    if (it->first.capability != capability || it->first.granted != granted) break;
    if (SamePlace(it->first, key)) count += it->second.counts.count;
  }
  return count;
}

// One kind of check may come from several places behind a common function. The weightiest decides.
const CallSite* SiteOf(const CallSites& sites, const CheckEvidence& evidence) {
  const CallSite* weightiest = sites.Find(evidence.key, evidence.callers);
  for (const CallStack& stack : evidence.stacks) {
    const CallSite* site = sites.Find(evidence.key, stack);
    if (site == nullptr) return nullptr;  // an unknown place is kept, whatever the others are
    if (weightiest != nullptr && site->site_class < weightiest->site_class) weightiest = site;
  }
  return weightiest;
}

// One judgement in the making.
class Assessment {
 public:
  Assessment(const Profile& profile, const CallSites& sites, const CheckEvidence& evidence,
             ProgramNames names)
      : profile_(profile), sites_(sites), evidence_(evidence), key_(evidence.key), names_(names) {
    finding_.judged.evidence = evidence;
    finding_.site = SiteOf(sites, evidence);
    if (finding_.site != nullptr) finding_.judged.site_class = Name(finding_.site->site_class);
    outcome_ = OutcomeOf(evidence, finding_.site);
  }

  Finding Run() {
    if (const std::optional<Gate> gate = GateOf(profile_, evidence_)) {
      finding_.gated = gate->verdict != Verdict::kProbed;
      Conclude(gate->verdict, fmt::format("{}: {}", Described(), gate->reason));
    } else if (outcome_.question) {
      Conclude(
          Verdict::kProbed,
          Described() + "; the netlink requests were empty and only ask what the kernel knows");
    } else if (finding_.site == nullptr) {
      JudgeUnknown();
    } else {
      JudgeKnown(*finding_.site);
    }
    return std::move(finding_);
  }

 private:
  void JudgeKnown(const CallSite& site) {
    if (site.site_class == SiteClass::kOpportunistic)
      return Conclude(Verdict::kNoise,
                      Described() + "; the answer makes no difference to the program");
    if (site.site_class == SiteClass::kProbe)
      return Conclude(Verdict::kProbed, Described() + "; only a question");
    if (key_.Is(kHarmless))
      return Conclude(Verdict::kNoise,
                      Described() + "; its operands show that it needed no capability");
    if (key_.Is(kProtects)) return JudgeProtecting();
    if (const ProgramHabit* known = Known()) return JudgeByProgram(*known);
    if (site.site_class == SiteClass::kSilent) return JudgeSilent(site);
    if (site.Is(kRootExempt) && IsRoot())
      return Conclude(Verdict::kNoise, Described() + "; user 0 may do this without the capability");
    if (key_.granted)
      JudgeGranted(site);
    else
      JudgeRefused(site);
  }

  // setuid(2), setgid(2) to an id that is only the real or only the saved one.
  void JudgeProtecting() {
    const char* const id = key_.capability == CAP_SETGID ? "group" : "user";
    if (key_.granted) {
      finding_.keep = true;
      return Conclude(Verdict::kRequired,
                      fmt::format("{}; it protects: with it, the real, effective and saved {} ids "
                                  "become the same; without it, the call succeeds but keeps an old "
                                  "id, and the program can return to it",
                                  Described(), id));
    }
    Conclude(Verdict::kDegrades, fmt::format("{}; denied: the call succeeded but kept an old {} "
                                             "id, and the program can return to it",
                                             Described(), id));
  }

  void JudgeByProgram(const ProgramHabit& known) {
    finding_.judged.site_class = kProgramClass;
    Conclude(Verdict::kDegrades,
             fmt::format("{}; without it, the program {}", Described(), known.reason));
  }

  void JudgeSilent(const CallSite& site) {
    const bool minor = site.Is(kMinor) && !IsKeptAnyway();
    if (key_.granted) {
      finding_.keep = !minor;
      finding_.group = SetOf(site.alternatives);
      return Conclude(Verdict::kDegrades, Described() + "; the call also succeeds without it");
    }
    Conclude(minor ? Verdict::kNoise : Verdict::kDegrades,
             Described() + "; denied, and the call succeeded");
  }

  void JudgeGranted(const CallSite& site) {
    if (outcome_.known && !outcome_.succeeded)
      return Conclude(Verdict::kTried,
                      fmt::format("{}; granted, but the call failed "
                                  "({})",
                                  Described(), ErrorNames(evidence_.counts.errnos)));
    finding_.keep = true;
    finding_.group = SetOf(site.alternatives);
    if (site.site_class == SiteClass::kFirst && !SettledByOperand(key_))
      return Conclude(Verdict::kConditional,
                      Described() + "; checked before something cheaper that may be enough");
    if (finding_.group.empty()) {
      finding_.group = StoodInFor();
      if (!finding_.group.empty()) return ConcludeInPlaceOfOthers();
    }
    if (!finding_.group.empty())
      return Conclude(Verdict::kEither,
                      fmt::format("{}; {} would be enough as well", Described(), Others()));
    if (!site.Is(kTolerated)) return Conclude(Verdict::kRequired, Described());
    finding_.keep = !site.Is(kMinor);
    Conclude(Verdict::kDegrades, Described() + "; programs usually continue without it");
  }

  void JudgeRefused(const CallSite& site) {
    if (site.Is(kTolerated)) {
      const Verdict verdict = site.Is(kMinor) ? Verdict::kNoise : Verdict::kDegrades;
      return Conclude(verdict, Described() + "; denied, and programs usually continue");
    }
    if (ReplacedBy()) {
      finding_.group = SetOf(site.alternatives);
      return Conclude(Verdict::kEither,
                      fmt::format("{}; denied, and {} was granted", Described(), Others()));
    }
    if (HeldBackByFlag())
      return Conclude(
          Verdict::kTried,
          Described() +
              "; denied: no_new_privs prevents the program from gaining it from its file");
    if (outcome_.refused)
      return Conclude(Verdict::kMissing,
                      fmt::format("{}; denied, and the call failed ({})", Described(),
                                  ErrorNames(evidence_.counts.errnos)));
    if (outcome_.succeeded)
      return Conclude(Verdict::kNoise, Described() + "; denied, and the call succeeded");
    if (outcome_.known)
      return Conclude(Verdict::kTried,
                      fmt::format("{}; denied, but the call failed for another "
                                  "reason ({})",
                                  Described(), ErrorNames(evidence_.counts.errnos)));
    if (site.site_class == SiteClass::kFirst)
      return Conclude(Verdict::kProbed,
                      Described() + "; denied, but something cheaper may have been enough");
    Conclude(Verdict::kMissing, Described() + "; denied");
  }

  void JudgeUnknown() {
    if (key_.capability == CAP_SYS_ADMIN && key_.site.empty() && IsMemoryCall(key_.syscall))
      return Conclude(Verdict::kNoise, Described() + ": the test of the memory overcommit limit");
    if (!key_.granted && outcome_.known && !outcome_.refused)
      return Conclude(Verdict::kNoise,
                      Described() + "; denied, but the call did not fail because of that");
    if (key_.granted && outcome_.known && !outcome_.succeeded)
      return Conclude(Verdict::kTried,
                      fmt::format("{}; granted, but the call failed "
                                  "({})",
                                  Described(), ErrorNames(evidence_.counts.errnos)));
    finding_.keep = key_.granted;
    Conclude(Verdict::kReview, Described() + (key_.granted ? "" : "; denied"));
  }

  const ProgramHabit* Known() const {
    if (names_ == ProgramNames::kIgnore) return nullptr;
    return sites_.programs().Find(ProgramOf(profile_, evidence_), Habit::kGoesOn, key_);
  }

  bool HeldBackByFlag() const {
    const std::string program = ProgramOf(profile_, evidence_);
    const PrivilegeGain* const gain = HeldBack(profile_, program);
    if (gain == nullptr) return false;
    const ProgramFile* const file =
        gain->how == "file capabilities" ? FileAt(profile_, program) : nullptr;
    return file != nullptr ? file->permitted.Has(key_.capability)
                           : profile_.held && profile_.held->bounding.Has(key_.capability);
  }

  // A silent site where something was lost for certain.
  bool IsKeptAnyway() const { return key_.capability == CAP_FSETID && SetsModes(key_.syscall); }

  bool IsRoot() const { return evidence_.pid != 0 && evidence_.uid == 0; }

  // A capability that is asked for only after another was refused stood in for that one. What it
  // was granted more often than that, it was asked for itself.
  CapabilitySet StoodInFor() const {
    CapabilitySet group;
    for (const Capability partner :
         sites_.PartnersOf(finding_.site->function, key_.capability).members()) {
      const uint64_t refused = CountAt(profile_, key_, partner, false);
      const uint64_t both_refused = CountAt(profile_, key_, key_.capability, false);
      const uint64_t granted = CountAt(profile_, key_, key_.capability, true);
      if (refused > both_refused && granted <= refused - both_refused) group.Add(partner);
    }
    if (!group.empty()) group.Add(key_.capability);
    return group;
  }

  // What it did is what the others are asked for: DAC_OVERRIDE in the place of DAC_READ_SEARCH is a
  // read, whatever DAC_OVERRIDE is for at this place.
  void ConcludeInPlaceOfOthers() {
    CheckKey asked = key_;
    for (const Capability other : finding_.group.members()) {
      if (other == key_.capability) continue;
      asked.capability = other;
      const CallSite* const site = sites_.Find(asked, evidence_.callers);
      const CallSite* const shown = site != nullptr ? site : finding_.site;
      return Conclude(Verdict::kEither,
                      fmt::format("{}; {} would be enough as well",
                                  Describe(profile_, evidence_, shown), Others()));
    }
  }

  // Refused, but then another of the group was granted.
  bool ReplacedBy() const {
    const std::vector<Capability>& group = finding_.site->alternatives;
    return std::any_of(group.begin(), group.end(), [&](Capability other) {
      return other != key_.capability && CountAt(profile_, key_, other, true) > 0;
    });
  }

  std::string Others() const {
    CapabilitySet others = finding_.group;
    others.Remove(key_.capability);
    return JoinNames(others.members(), " or ");
  }

  std::string Described() const { return Describe(profile_, evidence_, finding_.site); }

  void Conclude(Verdict verdict, std::string reason) {
    finding_.judged.verdict = verdict;
    finding_.judged.reason = std::move(reason);
  }

  const Profile& profile_;
  const CallSites& sites_;
  const CheckEvidence& evidence_;
  const CheckKey& key_;
  const ProgramNames names_;
  Outcome outcome_;
  Finding finding_;
};

}  // namespace

Finding Assess(const Profile& profile, const CallSites& sites, const CheckEvidence& evidence,
               ProgramNames names) {
  return Assessment(profile, sites, evidence, names).Run();
}

JudgedEvidence JudgeEvidence(const Profile& profile, const CallSites& sites,
                             const CheckEvidence& evidence) {
  return Assess(profile, sites, evidence).judged;
}

}  // namespace capmon
