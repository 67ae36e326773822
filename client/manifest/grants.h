// SPDX-License-Identifier: Apache-2.0
// The capabilities that a container gets by its manifest. Pure.
#pragma once

#include <string>

#include "client/manifest/manifest.h"
#include "daemon/model/capability.h"

namespace capmon {

struct Grants {
  CapabilitySet sure;      // with every runtime in question
  CapabilitySet possible;  // with one of them
};

// `runtime` is "docker", "podman", "containerd" or "cri-o"; "" means Docker for Compose, and for
// Kubernetes either of containerd and CRI-O, whose defaults differ.
Grants GrantsOf(const ManifestContainer& container, const std::string& runtime);

// The capability that a word means in a list of this container: "NET_RAW", or "CAP_NET_RAW", which
// means nothing to containerd; in any case. Nothing for "ALL" and what is no name.
std::optional<Capability> CapabilityOf(const Word& word);
bool HasPrefix(const Word& word);  // "CAP_"
bool IsAll(const Word& word);

}  // namespace capmon
