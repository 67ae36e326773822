// SPDX-License-Identifier: Apache-2.0
// `capmon profile --as KIND`: the answer in the form in which people enforce it. One file each;
// kinds.cc has the list of them.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "capmon/v1/capmon.pb.h"

namespace capmon {

struct ArtefactOptions {
  bool enforce = false;        // policies refuse, instead of telling
  bool assume_unused = false;  // what is unknown may be dropped
  // Where the pod's spec has the container: containers, initContainers or ephemeralContainers.
  std::string list = "containers";
  // Other containers of its namespace, for settings that apply to all of them.
  std::vector<v1::Profile> neighbours = {};
};

// Ready to be printed. `about` says where the settings come from and what to know before using
// them, as lines; it stands at the beginning of `text` already where the format has comments.
struct Artefact {
  std::string text;
  std::vector<std::string> about;
  bool says_so_itself;  // `text` begins with `about`
};

// INVALID_ARGUMENT for a kind there is not, and for --enforce where nothing is enforced.
absl::Status CheckArtefact(const std::string& kind, const ArtefactOptions& options);
// DATA_LOSS where all that would be dropped is unknown; else fails only as CheckArtefact does. The
// profile should have its evidence.
absl::StatusOr<Artefact> RenderArtefact(const v1::Profile& profile, const std::string& kind,
                                        const ArtefactOptions& options = {});

// "apparmor, compose, ..."; and a line for each, for a help text.
std::string ArtefactKinds();
std::string ArtefactHelp();

// The kind that fits where this container was found, or "".
std::string FittingKind(const v1::Container& container);

}  // namespace capmon
