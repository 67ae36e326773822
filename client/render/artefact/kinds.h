// SPDX-License-Identifier: Apache-2.0
// The kinds of settings: their names, purposes and renderers.
#pragma once

#include <string>
#include <vector>

#include "client/render/artefact/artefact_input.h"

namespace capmon {

// Where settings take effect. A profile learned in the same place needs no warning about
// surroundings.
enum class Place { kDocker, kPodman, kKubernetes, kSystemd, kAnywhere };

// What the settings can express besides a set; decides which warnings matter.
enum Means : unsigned {
  kGrantsCapabilities = 1,  // give capabilities to a process
  kLimitsPrivileges = 2,    // can set no_new_privs
  kSetsAmbient = 4,         // and so help users other than 0
  kEnforces = 8,            // accept --enforce
};

// Rendered settings, and notes about them.
struct Rendered {
  std::string text;
  std::vector<std::string> notes = {};
};

struct Kind {
  const char* name;
  const char* purpose;  // for the help text
  Place place;
  unsigned means;
  bool has_comments;  // lines that begin with "# "
  Rendered (*write)(const ArtefactInput&);
};

Rendered DockerFlags(const ArtefactInput& input);
Rendered PodmanFlags(const ArtefactInput& input);
Rendered ComposeOverride(const ArtefactInput& input);
Rendered KubernetesSecurityContext(const ArtefactInput& input);
Rendered KubernetesPatch(const ArtefactInput& input);
Rendered PodSecurityLabels(const ArtefactInput& input);
Rendered KubernetesAdmissionPolicy(const ArtefactInput& input);
Rendered KyvernoPolicy(const ArtefactInput& input);
Rendered GatekeeperConstraint(const ArtefactInput& input);
Rendered SystemdDropIn(const ArtefactInput& input);
Rendered AppArmorRules(const ArtefactInput& input);
Rendered OciProcess(const ArtefactInput& input);
Rendered FileCapabilityCommands(const ArtefactInput& input);
Rendered SeccompProfile(const ArtefactInput& input);

}  // namespace capmon
