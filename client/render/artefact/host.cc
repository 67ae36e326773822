// SPDX-License-Identifier: Apache-2.0
// Settings outside containers: a systemd unit, an AppArmor profile.
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/render/artefact/kinds.h"
#include "client/render/artefact/names.h"

namespace capmon {

Written SystemdDropIn(const Subject& subject) {
  // systemd adds up such lines, also from other files; an empty one resets the list.
  std::string text = "[Service]\n";
  const auto assign = [&](const char* setting, CapabilitySet set) {
    absl::StrAppend(&text, setting, "=\n");
    if (!set.empty())
      absl::StrAppend(&text, setting, "=", absl::StrJoin(FullNames(set), " "), "\n");
  };
  assign("CapabilityBoundingSet", subject.keep);
  assign("AmbientCapabilities", subject.ambient);
  if (subject.no_new_privileges) text += "NoNewPrivileges=yes\n";
  const v1::Container& container = subject.profile.container();
  Written written{text};
  const bool unit = container.kind() == "unit";
  written.notes.push_back(absl::StrCat("put this into /etc/systemd/system/",
                                       unit ? container.name() : "your.service",
                                       ".d/capmon.conf, then run systemctl daemon-reload"));
  return written;
}

Written AppArmorRules(const Subject& subject) {
  std::string text;
  for (const std::string& name : BareNames(subject.keep))
    absl::StrAppend(&text, "capability ", absl::AsciiStrToLower(name), ",\n");
  Written written{text};
  written.notes.push_back(
      subject.keep.empty()
          ? "no rule is needed: a profile denies what neither it nor its includes allow"
          : "replace the capability rules of the profile with these; included abstractions may add "
            "some");
  if (const CapabilitySet young = subject.keep & kNamesOf2020; !young.empty())
    written.notes.push_back(absl::StrCat("on kernels where AppArmor does not know ",
                                         absl::StrJoin(BareNames(young), ", "),
                                         ", apparmor_parser allows SYS_ADMIN in their place"));
  return written;
}

}  // namespace capmon
