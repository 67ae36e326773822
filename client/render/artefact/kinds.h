// SPDX-License-Identifier: Apache-2.0
// The kinds of settings: their names, purposes and renderers.
#pragma once

#include <string>
#include <vector>

#include "client/render/artefact/subject.h"

namespace capmon {

// Where settings take effect. A profile learned in the same place needs no warning about
// surroundings.
enum class Place { kDocker, kPodman, kKubernetes, kSystemd, kAnywhere };

// What the settings can express besides a set; decides which warnings matter.
enum Means : unsigned {
  kHandsOut = 1,          // give capabilities to a process
  kLimitsPrivileges = 2,  // can set no_new_privs
  kSetsAmbient = 4,       // and so help users other than 0
  kEnforces = 8,          // accept --enforce
};

// Rendered settings, and notes about them.
struct Written {
  std::string text;
  std::vector<std::string> notes = {};
};

struct Kind {
  const char* name;
  const char* purpose;  // for the help text
  Place place;
  unsigned means;
  bool has_comments;  // lines that begin with "# "
  Written (*write)(const Subject&);
};

Written DockerFlags(const Subject& subject);
Written PodmanFlags(const Subject& subject);
Written ComposeOverride(const Subject& subject);
Written KubernetesSecurityContext(const Subject& subject);
Written KubernetesPatch(const Subject& subject);
Written PodSecurityLabels(const Subject& subject);
Written KubernetesAdmissionPolicy(const Subject& subject);
Written KyvernoPolicy(const Subject& subject);
Written GatekeeperConstraint(const Subject& subject);
Written SystemdDropIn(const Subject& subject);
Written AppArmorRules(const Subject& subject);
Written OciProcess(const Subject& subject);
Written FileCapabilities(const Subject& subject);
Written SeccompProfile(const Subject& subject);

}  // namespace capmon
