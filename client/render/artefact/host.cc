// SPDX-License-Identifier: Apache-2.0
// Settings outside containers: a systemd unit, an AppArmor profile.
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/render/artefact/kinds.h"
#include "client/render/artefact/names.h"

namespace capmon {

Rendered SystemdDropIn(const ArtefactInput& input) {
  // systemd adds up such lines, also from other files; an empty one resets the list.
  std::string text = "[Service]\n";
  const auto assign = [&](const char* setting, CapabilitySet set) {
    absl::StrAppend(&text, setting, "=\n");
    if (!set.empty())
      absl::StrAppend(&text, setting, "=", absl::StrJoin(FullNames(set), " "), "\n");
  };
  assign("CapabilityBoundingSet", input.keep);
  assign("AmbientCapabilities", input.ambient);
  if (input.no_new_privileges) text += "NoNewPrivileges=yes\n";
  const v1::Container& container = input.profile.container();
  Rendered rendered{text};
  const bool unit = container.kind() == "unit";
  rendered.notes.push_back(absl::StrCat("put this into /etc/systemd/system/",
                                        unit ? container.name() : "your.service",
                                        ".d/capmon.conf, then run systemctl daemon-reload"));
  return rendered;
}

Rendered AppArmorRules(const ArtefactInput& input) {
  std::string text;
  for (const std::string& name : BareNames(input.keep))
    absl::StrAppend(&text, "capability ", absl::AsciiStrToLower(name), ",\n");
  Rendered rendered{text};
  rendered.notes.push_back(
      input.keep.empty()
          ? "no rule is needed: a profile denies what neither it nor its includes allow"
          : "replace the capability rules of the profile with these; included abstractions may add "
            "some");
  if (const CapabilitySet young = input.keep & kNamesOf2020; !young.empty())
    rendered.notes.push_back(absl::StrCat("on kernels where AppArmor does not know ",
                                          absl::StrJoin(BareNames(young), ", "),
                                          ", apparmor_parser allows SYS_ADMIN in their place"));
  return rendered;
}

}  // namespace capmon
