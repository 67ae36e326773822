// SPDX-License-Identifier: Apache-2.0
// `capmon profile --as KIND`: the recommendation as settings for another tool. One file for each
// kind; kinds.cc has the list.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "capmon/v1/capmon.pb.h"

namespace capmon {

struct ArtefactOptions {
  bool enforce = false;        // policies deny instead of warning
  bool assume_unused = false;  // unknown capabilities may be dropped
  // The list in the pod's spec that has the container: containers, initContainers or
  // ephemeralContainers.
  std::string list = "containers";
  // Other containers of its namespace, for settings that apply to all of them.
  std::vector<v1::Profile> neighbours = {};
};

// Settings, ready to print. `about`: where they come from and what to know before using them;
// `text` begins with it if the format has comments.
struct Artefact {
  std::string text;
  std::vector<std::string> about;
  bool about_is_in_text;  // `text` begins with `about`
};

// INVALID_ARGUMENT for an unknown kind, and for --enforce with a kind that enforces nothing.
absl::Status CheckArtefact(const std::string& kind, const ArtefactOptions& options);
// DATA_LOSS if everything that would be dropped is unknown; otherwise fails only as CheckArtefact
// does. The profile needs its evidence.
absl::StatusOr<Artefact> RenderArtefact(const v1::Profile& profile, const std::string& kind,
                                        const ArtefactOptions& options = {});

// "apparmor, compose, ..."; ArtefactHelp() has a line for each.
std::string ArtefactKinds();
std::string ArtefactHelp();

// Returns the kind for the place where this container ran, or "".
std::string FittingKind(const v1::Container& container);

}  // namespace capmon
