// SPDX-License-Identifier: Apache-2.0
// setcap: programs that could run as any user if the file had the capabilities. Only for
// capabilities of narrow use, because every user who may execute the file gets them.
#include <linux/capability.h>

#include <algorithm>
#include <map>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/base/text.h"
#include "client/render/artefact/kinds.h"
#include "client/render/artefact/names.h"
#include "daemon/profile/verdict_traits.h"

namespace capmon {
namespace {

// Each is useful for one thing only, and none leads to others.
constexpr CapabilitySet kSmall = {
    CAP_NET_BIND_SERVICE, CAP_NET_BROADCAST, CAP_NET_RAW, CAP_IPC_LOCK,
    CAP_SYS_NICE,         CAP_SYS_TIME,      CAP_LEASE,   CAP_SYSLOG,
    CAP_WAKE_ALARM,       CAP_BLOCK_SUSPEND, CAP_PERFMON};

bool SpeaksForANeed(const v1::Evidence& evidence) {
  const auto verdict = ParseVerdict(evidence.verdict());
  return evidence.granted() && evidence.phase() == "workload" && verdict &&
         TraitsOf(*verdict).is_need;
}

// Returns the capabilities that each program used, as far as they are kept.
std::map<std::string, CapabilitySet> NeedsOfBinaries(const ArtefactInput& input) {
  std::map<std::string, CapabilitySet> needs;
  for (const v1::CapabilityVerdict& verdict : input.profile.capabilities()) {
    const auto capability = ParseCapability(verdict.capability());
    if (!capability || !input.keep.Has(*capability)) continue;
    for (const v1::Evidence& evidence : verdict.evidence())
      if (SpeaksForANeed(evidence)) needs[evidence.binary()].Add(*capability);
  }
  return needs;
}

// Returns true for programs that execute what they are given. Ignores the version in "php8.2".
bool IsInterpreter(std::string_view path) {
  constexpr std::string_view kNames[] = {
      "sh",   "ash",  "bash",   "dash", "zsh",  "busybox", "toybox", "env",  "java",
      "node", "perl", "nodejs", "php",  "ruby", "lua",     "python", "pypy", "tclsh",
      "find", "awk",  "gawk",   "mawk", "gdb",  "capsh",   "su",     "sudo", "setpriv"};
  std::string_view name = path.substr(path.rfind('/') + 1);
  if (name.starts_with("ld-") || name.starts_with("ld.so")) return true;  // the dynamic linker
  name = name.substr(0, name.find_last_not_of("0123456789.-") + 1);
  return std::ranges::find(kNames, name) != std::end(kNames);
}

// Returns why a file should not have `needs`, or "".
std::string Objection(const ArtefactInput& input, const std::string& path, CapabilitySet needs) {
  if (!path.starts_with('/') || Printable(path) != path) return "its path is not known";
  if (IsInterpreter(path))
    return "it is an interpreter, so every user could use the capabilities for anything";
  if (const CapabilitySet large = needs - kSmall; !large.empty())
    return absl::StrCat(absl::StrJoin(BareNames(large), ", "),
                        " would give every user who may run it too much");
  for (const v1::PrivilegeGain& gain : input.profile.gains())
    if (gain.path() == path && gain.how() != "root re-gain")  // which is user 0's, not the file's
      return absl::StrCat("it has them already, by ", gain.how());
  return "";
}

}  // namespace

Rendered FileCapabilityCommands(const ArtefactInput& input) {
  Rendered rendered;
  for (const auto& [path, needs] : NeedsOfBinaries(input)) {
    if (const std::string why = Objection(input, path, needs); !why.empty()) {
      rendered.notes.push_back(
          absl::StrCat("not for ", path.empty() ? "an unknown file" : path, ": ", why));
      continue;
    }
    absl::StrAppend(&rendered.text, "setcap ",
                    absl::AsciiStrToLower(absl::StrJoin(FullNames(needs), ",")), "=ep ",
                    ShellWord(path), "\n");
  }
  if (rendered.text.empty())
    rendered.notes.push_back("no file qualifies");
  else
    rendered.notes.push_back(
        "these are paths in the container, so run the commands when you build its image; such a "
        "file does not start unless its capabilities are in the bounding set");
  rendered.notes.push_back(
      "use this to run as a user other than 0, without no-new-privileges; test it, because user 0 "
      "can do things without any capability, such as writing its own files");
  return rendered;
}

}  // namespace capmon
